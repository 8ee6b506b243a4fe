"""Draws the administration window in docs/images: a real server, the real window offscreen.

With a directory as its argument it draws everything, in both languages and themes, into that one:
to look at. Without, only what the documentation shows.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["LC_ALL"] = "C.UTF-8"

sys.path.insert(0, str(Path(__file__).parent.parent))

from PyQt6.QtCore import QCoreApplication, QEvent
from PyQt6.QtGui import QPixmap
from PyQt6.QtWidgets import QApplication, QWidget
from window_pictures import begin, optimize

from messenger.admin_window.login import LoginDialog
from messenger.admin_window.main_window import AdminWindow
from messenger.admin_window.opening import Away
from messenger.admin_window.pages.account_actions import ACTIONS
from messenger.admin_window.pages.reset_code import show_reset_code
from messenger.admin_window.places import page_makers
from messenger.admin_window.plots.loading import PlotLoader
from messenger.admin_window.requests import Requests
from messenger.admin_window.settings.sections import SECTIONS
from messenger.language import _, use_language
from messenger.sdk.administration import Administration, at_socket
from messenger.sdk.administration.results import PasswordReset
from messenger.windows.gui_thread import GuiThread
from messenger.windows.look.theme import theme
from tests.admin_window.large_server import fill, name_of
from tests.running import RunningServer, Talker, running

_ACCOUNTS, _ONLINE = 8_310, 14
_ROOMS = ("#garden", "#chess", "#release", "#kitchen", "#books")
_QUIET = 0.3  # seconds without work after which nothing moves any more


class Scene(NamedTuple):
    """What is drawn: a page, and what is done there; it returns what to draw instead, if any.

    `in_docs` says in which languages and themes the documentation shows it.
    """

    name: str
    page: str
    do: Callable[[AdminWindow], QWidget | None] = lambda _window: None
    in_docs: tuple[str, ...] = ()


def main() -> None:
    """Draw them all."""
    _app, target, everything = begin()
    loader = PlotLoader()
    with tempfile.TemporaryDirectory() as place, _server(Path(place) / "server") as server:
        for language in ("en", "ru"):
            use_language(language)
            requests = Requests(partial(at_socket, server.data / "admin.sock", language))
            for look in ("light", "dark"):
                theme.apply(look)
                _draw(requests, loader, f"{language}-{look}", target, everything=everything)
            requests.close()
    loader.join()
    optimize(target, "admin-*.png")


@contextmanager
def _server(data: Path) -> Iterator[RunningServer]:
    """Run a server on which people are online, in rooms, and on which something was done."""
    fill(data, count=_ACCOUNTS)
    with running(data, "--limits", "off") as server, ExitStack() as people:
        for number in range(_ONLINE):
            talker = people.enter_context(Talker(server.port))
            name = f"guest{number}" if number % 5 == 4 else _registered(talker, number)
            talker.log_in_fully(name) if number % 5 != 4 else talker.guest_fully(name)
            for room in _ROOMS[: 1 + number % len(_ROOMS)]:
                talker.ask("join", room=room)
                talker.ask("msg", to=room, message="Hello", encoding="utf-8")
            if number == 1:
                _report(talker)
        with at_socket(data / "admin.sock") as administration:
            _administer(administration)
        yield server


def _report(talker: Talker) -> None:
    """Report an account with two messages, and a room."""
    texts = ("Buy a watch, today only", "You have won, send me your password")
    shown = [
        {"conversation": "#garden", "seq": at, "from": "zoe0", "time": time.time(), "text": said}
        for at, said in enumerate(texts, 1)
    ]
    talker.ask("report", room="#chess", reason="Insults, for days")
    talker.ask("report", account_name="zoe0", room="#garden", reason="Spam", messages=shown)


def _registered(talker: Talker, number: int) -> str:
    name = f"{('zoe', 'lena', 'max', 'nina', 'tom')[number % 5]}{number}"
    assert talker.register_quickly(name)["response"] == 201
    return name


def _administer(server: Administration) -> None:
    for number in (4_711, 815, 7_000):
        server.block(name_of(number))
    server.unblock(name_of(815))
    server.promote(name_of(12))
    server.remove(name_of(99))
    for _number in range(2):
        for found in server.follow_backup(server.begin_backup()):
            last = found
    for _found in server.follow_backup(server.begin_verification(last.backups[0].backup)):
        pass
    for uses, days in ((5, 7), (1, 1), (50, 30)):
        server.invite(uses, days)


# --- what is shown -------------------------------------------------------------------------------


def _settle(window: AdminWindow, requests: Requests) -> None:
    """Let everything be shown that was asked for."""
    quiet_since = time.monotonic()
    while time.monotonic() < quiet_since + _QUIET:
        QApplication.processEvents()
        drawn = getattr(window.page, "is_drawn", True)
        if not requests.is_idle or not drawn:
            quiet_since = time.monotonic()
        time.sleep(0.005)


def _open_row(window: AdminWindow, number: int = 3) -> None:
    table = window.page.table
    table.setFocus()
    table.selectRow(number)
    table.opened.emit(table.chosen_row())


def _read_out(window: AdminWindow) -> None:
    window.page.plots[0]._point(150)


def _modal(do: Callable[[AdminWindow], object]) -> Callable[[AdminWindow], QWidget | None]:
    """Return what opens a dialog, and returns it."""

    def show(window: AdminWindow) -> QWidget | None:
        do(window)
        QApplication.processEvents()
        return QApplication.activeModalWidget()

    return show


def _remove(window: AdminWindow) -> None:
    page = window.page
    page.act(ACTIONS[-1], page.model.row(3))


def _new_account(window: AdminWindow) -> None:
    window.page.new.click()


def _invite(window: AdminWindow) -> None:
    window.page.new.click()
    dialog = QApplication.activeModalWidget()
    dialog.make.click()
    while not hasattr(dialog, "copy"):
        QApplication.processEvents()
        time.sleep(0.01)


def _reset(window: AdminWindow) -> QWidget | None:
    page = window.page
    name = page.model.row(3).account_name
    made = PasswordReset(
        201,
        reset_code="QR7M-K2WD-9XHT-4LCB",
        link=f"jim://chat.example.org:7777?reset=QR7MK2WD9XHT4LCB&user={name}&key=ab12cd34",
        expires=time.time() + 86_400,
    )
    show_reset_code(name, made, window)
    return None


def _examine(window: AdminWindow) -> None:
    window.page.examine()
    while len(window.page.checks) < 13:
        QApplication.processEvents()
        time.sleep(0.01)


def _section(name: str) -> Callable[[AdminWindow], None]:
    """Return what chooses a section of the settings."""

    def choose(window: AdminWindow) -> None:
        page = window.page
        page.list.setCurrentRow(list(SECTIONS).index(name))

    return choose


def _login(_window: AdminWindow) -> QWidget:
    dialog = LoginDialog(GuiThread(), Away("chat.example.org", "anna", ""))
    dialog.show()
    return dialog


_EN, _RU, _DARK = "en-light", "ru-light", "en-dark"
_SCENES = (
    Scene("overview", "overview", _read_out, (_EN, _DARK, _RU)),
    Scene("accounts", "accounts", in_docs=(_EN, _DARK)),
    Scene("account", "accounts", _open_row, (_EN, _RU)),
    Scene("remove", "accounts", _modal(_remove), (_EN,)),
    Scene("new-account", "accounts", _modal(_new_account)),
    Scene("sessions", "sessions", in_docs=(_EN,)),
    Scene("rooms", "rooms", partial(_open_row, number=1), (_DARK,)),
    Scene("logins", "logins", in_docs=(_EN,)),
    Scene("invitations", "invitations", in_docs=(_RU,)),
    Scene("invitation", "invitations", _modal(_invite), (_EN,)),
    Scene("audit", "audit", _open_row, (_EN,)),
    Scene("notice", "notice", in_docs=(_EN,)),
    Scene("reset", "accounts", _modal(_reset), (_EN,)),
    Scene("reports", "reports", partial(_open_row, number=0), (_EN,)),
    Scene("log", "log", partial(_open_row, number=1), (_EN,)),
    Scene("doctor", "doctor", _examine, (_EN,)),
    Scene("settings", "settings", in_docs=(_EN, _DARK)),
    Scene("settings-database", "settings", _section("database")),
    Scene("settings-limits", "settings", _section("limits")),
    Scene("backups", "backups", in_docs=(_EN,)),
    Scene("login", "notice", _login, (_EN,)),
)


def _draw(
    requests: Requests, loader: PlotLoader, kind: str, target: Path, *, everything: bool
) -> None:
    for scene in _SCENES:
        if everything or kind in scene.in_docs:
            picture = _picture(requests, loader, scene)
            picture.save(str(target / f"admin-{scene.name}-{kind}.png"))


def _picture(requests: Requests, loader: PlotLoader, scene: Scene) -> QPixmap:
    window = AdminWindow("chat.example.org", _("operator"), page_makers(requests, loader))
    window.show_page(scene.page)
    window.show()
    window.activateWindow()
    _settle(window, requests)
    shown = scene.do(window) or window
    _settle(window, requests)
    picture = shown.grab()
    for one in (shown, window):
        one.close()
        one.deleteLater()
    # No event loop runs that would do it.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return picture


if __name__ == "__main__":
    main()
