"""What the pictures show: each scene is brought about in the real window, as by its user."""

import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from PyQt6.QtWidgets import QApplication, QWidget
from scripted_talk import Talk

from messenger.desktop.first_run.attempts import Attempts
from messenger.desktop.first_run.profile_chooser import KnownProfile, ProfileChooser
from messenger.desktop.first_run.welcome import WelcomeWindow
from messenger.desktop.main_window import MainWindow
from messenger.desktop.security.steps import Step
from messenger.sdk.errors import ConnectionLost
from messenger.sdk.events import BlocksChanged, ConnectionState, IdentityChanged, StateChanged
from messenger.ui.profile_choice import Suggestions
from messenger.windows.gui_thread import GuiThread
from tests.desktop.typing import type_text

_WIDE, _WITH_PANEL, _NARROW, _SMALLEST = (1080, 720), (1280, 720), (390, 720), (360, 480)
_QUIET = 0.2  # seconds without work after which nothing moves any more

Show = Callable[[MainWindow, Talk], QWidget | None]


class Scene(NamedTuple):
    """What is drawn: `show` brings it about, and returns what to draw, None for the window.

    `in_docs` says in which languages and themes the documentation shows it.
    """

    name: str
    show: Show
    size: tuple[int, int] = _WIDE
    in_docs: tuple[str, ...] = ()


def settle(window: MainWindow) -> None:
    """Let everything be shown that was asked for."""
    quiet_since = time.monotonic()
    while time.monotonic() < quiet_since + _QUIET:
        QApplication.processEvents()
        if window.bridge._tasks:
            quiet_since = time.monotonic()
        time.sleep(0.005)


def _modal(do: Callable[[MainWindow, Talk], object]) -> Show:
    """Return what opens a dialog, and returns it."""

    def show(window: MainWindow, talk: Talk) -> QWidget:
        do(window, talk)
        settle(window)
        dialog = QApplication.activeModalWidget()
        assert dialog is not None, do
        return dialog

    return show


# --- the window ----------------------------------------------------------------------------------


def _chat(_window: MainWindow, _talk: Talk) -> None:
    """Show the window as it opens."""


def _direct(window: MainWindow, talk: Talk) -> None:
    window.go_to(talk.friends[0])


def _writing(window: MainWindow, talk: Talk) -> None:
    window.go_to(talk.friends[3])
    settle(window)
    window.composer.input.load(talk.draft)
    type_text(window.composer.input, "😊")


def _list(window: MainWindow, _talk: Talk) -> None:
    window.columns.show_list()


def _contacts(window: MainWindow, _talk: Talk) -> None:
    window.columns.show_list()
    window.conversations.show_page(1)


def _room(window: MainWindow, _talk: Talk) -> None:
    window.actions_of.information()


def _person(window: MainWindow, talk: Talk) -> None:
    window.go_to(talk.friends[0])
    window.actions_of.show_information(talk.friends[0])


def _search(window: MainWindow, talk: Talk) -> None:
    window.actions_of.search_here()
    type_text(window.search.field, talk.words)


def _everywhere(window: MainWindow, talk: Talk) -> None:
    window.actions_of.search_everywhere()
    panel = window.side.shown
    assert panel is not None
    type_text(panel.focusProxy() or panel, talk.words)


def _emoji(window: MainWindow, _talk: Talk) -> None:
    window.composer.open_picker()


def _offline(window: MainWindow, _talk: Talk) -> None:
    state = StateChanged(ConnectionState.OFFLINE, ConnectionLost(), time.time() + 24.5)
    window.bridge.happened.emit([state])


def _changed(window: MainWindow, talk: Talk) -> None:
    window.go_to(talk.friends[0])
    settle(window)
    window.bridge.happened.emit([IdentityChanged(talk.friends[0], was_verified=True)])


def _blocked(window: MainWindow, talk: Talk, *, in_room: bool) -> None:
    if not in_room:
        window.go_to(talk.friends[0])
        settle(window)
    window.bridge.happened.emit([BlocksChanged((talk.friends[0],), (talk.friends[0],))])


# --- dialogs -------------------------------------------------------------------------------------


def _verify(window: MainWindow, talk: Talk, step: Step | None = None) -> None:
    dialog = window.notices.actions.verify(talk.friends[1])
    settle(window)
    if step is not None:
        dialog._show_number(step)


def _find(window: MainWindow, talk: Talk, what: str) -> None:
    dialog = getattr(window.conversations, what)()
    type_text(dialog.edit, talk.friends[0][0] if what == "new_chat" else "")


def _settings(window: MainWindow, _talk: Talk, page: str) -> None:
    window.actions_of.dialogs.show_settings(page)


def _blocked_people(window: MainWindow, talk: Talk) -> None:
    _settings(window, talk, "blocked")
    settle(window)
    names = tuple(talk.friends[:3])
    window.bridge.happened.emit([BlocksChanged(names, names)])


def _dialog(window: MainWindow, _talk: Talk, name: str) -> None:
    getattr(window.actions_of.dialogs, name)()


def _block(window: MainWindow, talk: Talk) -> None:
    window.conversations.actions_of.block(talk.friends[0])


def _report(window: MainWindow, talk: Talk) -> None:
    window.actions_of.dialogs.report(talk.friends[0], window.model.messages[0])


def _devices(window: MainWindow, _talk: Talk) -> None:
    window.notices.actions.show_devices()


# --- windows of their own ------------------------------------------------------------------------


def _welcome(_window: MainWindow, talk: Talk) -> QWidget:
    suggestions = Suggestions("chat.example.org", talk.me, is_named=True, has_keyring=True)
    welcome = WelcomeWindow(GuiThread(), Attempts(), suggestions)
    welcome.show()
    return welcome


def _profiles(_window: MainWindow, talk: Talk) -> QWidget:
    known = [
        KnownProfile("one", talk.me, "chat.example.org"),
        KnownProfile("two", talk.friends[4], "example.net"),
    ]
    chooser = ProfileChooser(known, lambda _answer: None)
    chooser.show()
    return chooser


_EN, _RU, _DARK = "en-light", "ru-light", "en-dark"

SCENES = (
    # Before the user has noted it, which all others show.
    Scene("recovery-code", _modal(partial(_dialog, name="show_recovery_code")), in_docs=(_EN,)),
    Scene("chat", _chat, in_docs=(_EN, _DARK, _RU)),
    Scene("direct", _direct),
    Scene("writing", _writing, in_docs=(_EN,)),
    Scene("room", _room, _WITH_PANEL, (_EN,)),
    Scene("person", _person, _WITH_PANEL, (_DARK,)),
    Scene("search", _search, in_docs=(_EN,)),
    Scene("search-everywhere", _everywhere, _WITH_PANEL, (_RU,)),
    Scene("offline", _offline, in_docs=(_RU,)),
    Scene("changed", _changed, in_docs=(_EN,)),
    Scene("blocked", partial(_blocked, in_room=False), in_docs=(_EN,)),
    Scene("blocked-room", partial(_blocked, in_room=True)),
    Scene("emoji", _emoji, in_docs=(_EN,)),
    Scene("narrow-list", _list, _NARROW, (_EN, _DARK)),
    Scene("narrow-contacts", _contacts, _NARROW, (_RU,)),
    Scene("narrow-chat", _chat, _NARROW, (_EN, _RU)),
    Scene("smallest", _chat, _SMALLEST, (_DARK,)),
    Scene("switcher", _modal(partial(_find, what="switch")), in_docs=(_EN,)),
    Scene("new-chat", _modal(partial(_find, what="new_chat")), in_docs=(_EN,)),
    Scene("new-room", _modal(partial(_find, what="new_room")), in_docs=(_RU,)),
    Scene("verify", _modal(_verify), in_docs=(_EN,)),
    Scene("verify-number", _modal(partial(_verify, step=Step.NUMBER)), in_docs=(_EN,)),
    Scene("verify-code", _modal(partial(_verify, step=Step.CODE)), in_docs=(_RU,)),
    Scene("block", _modal(_block)),
    Scene("report", _modal(_report), in_docs=(_EN,)),
    Scene("devices", _modal(_devices), in_docs=(_EN,)),
    *(
        Scene(f"settings-{page}", _modal(partial(_settings, page=page)), in_docs=docs)
        for page, docs in (
            ("general", (_EN,)), ("appearance", (_DARK,)), ("notifications", (_EN,)),
            ("account", (_RU,)), ("data", (_EN,)), ("about", (_EN,)),
        )
    ),
    Scene("settings-blocked", _modal(_blocked_people), in_docs=(_EN,)),
    Scene("keys", _modal(partial(_dialog, name="show_help")), in_docs=(_EN,)),
    Scene("export", _modal(partial(_dialog, name="export")), in_docs=(_RU,)),
    Scene("backup", _modal(partial(_dialog, name="backup")), in_docs=(_EN,)),
    Scene("welcome", _welcome, in_docs=(_EN, _RU)),
    Scene("profiles", _profiles, in_docs=(_EN,)),
)  # fmt: skip
