"""Draws the windows in docs/images: a real server, a scripted talk, the real windows offscreen.

With a directory as its argument it draws everything, in both languages and themes, into that one:
to look at. Without, only what the documentation shows.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["LC_ALL"] = "C.UTF-8"
# It is always the afternoon: the talk is of the same morning.
os.environ["TZ"] = f"X{time.gmtime().tm_hour - 14:+d}"
time.tzset()

sys.path.insert(0, str(Path(__file__).parent.parent))

import msgspec
from PyQt6.QtCore import QCoreApplication, QEvent
from PyQt6.QtGui import QFont, QPainter, QPixmap
from PyQt6.QtWidgets import QApplication, QWidget
from scripted_talk import TALKS, Talk, prepare, set_times
from window_scenes import SCENES, Scene, settle

from messenger.desktop.main_window import MainWindow
from messenger.language import use_language
from messenger.sdk.profiles import Preferences
from messenger.ui.prompts import Prompter
from tests.desktop.people import Person
from tests.forking import ROOT
from tests.running import RunningServer, running, until

IMAGES = ROOT / "docs" / "images"


def begin() -> tuple[QApplication, Path, bool]:
    """Return Qt's application, the directory for the pictures, and whether all are drawn."""
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    target = directory or IMAGES
    target.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setFont(QFont("Inter"))
    app.setQuitOnLastWindowClosed(False)
    return app, target, directory is not None


def main() -> None:
    """Draw them all."""
    _app, target, everything = begin()
    for language, talk in TALKS.items():
        use_language(language)
        with tempfile.TemporaryDirectory() as place, _server(Path(place)) as server:
            people = _talk(talk, server.port, Path(place))
            _draw(people, talk, language, target, everything=everything)
            for one in people.values():
                one.close()
    optimize(target, "desktop-*.png")


@contextmanager
def _server(place: Path) -> Iterator[RunningServer]:
    with running(place / "server", "--limits", "off") as server:
        yield server


def _talk(talk: Talk, port: int, place: Path) -> dict[str, Person]:
    """Have people talk; return them, all online."""
    people: dict[str, Person] = {}
    for number, name in enumerate((talk.me, *talk.friends)):
        (place / str(number)).mkdir()
        people[name] = Person(name, port, place / str(number))
        people[name].start()
    for room in (name for name in talk.conversations if name.startswith("#")):
        for one in people.values():
            one.do(lambda client, room=room: client.join(room))
    me = people[talk.me]
    for conversation, said in reversed(talk.conversations.items()):
        for one in said:
            to = conversation if one.who == talk.me or conversation.startswith("#") else talk.me
            people[one.who].say(to, one.text)
            # In this order at the server, too: the next one is written once this one has arrived.
            until(lambda to=conversation, text=one.text: text in _arrived(me, to))
        if conversation not in talk.unread:
            me.do(lambda client, name=conversation: client.mark_read(name))
    me.do(lambda client: prepare(client, talk))
    verified = people[talk.friends[0]]
    me.do(lambda client: client.keys.verify(verified.name))
    for one in people.values():
        until(lambda one=one: not one.do(lambda client: client.store.count_unsent()))
    for conversation, said in talk.conversations.items():
        me.do(lambda client, to=conversation, said=said: set_times(client.store, to, said))
    return people


def _arrived(person: Person, conversation: str) -> list[str]:
    page = person.do(lambda client: client.store.page(conversation))
    return [one.text for one in page if one.seq is not None]


# --- drawing -----------------------------------------------------------------------------------


def _draw(
    people: dict[str, Person], talk: Talk, language: str, target: Path, *, everything: bool
) -> None:
    me = people[talk.me]
    for scene in SCENES:
        for look in ("light", "dark"):
            kind = f"{language}-{look}"
            if everything or kind in scene.in_docs:
                picture = _picture(me, talk, scene, look)
                picture.save(str(target / f"desktop-{scene.name}-{kind}.png"))
        if scene is SCENES[0]:  # that of the recovery code
            me.do(lambda client: client.keys.confirm_recovery_code())


def _picture(me: Person, talk: Talk, scene: Scene, look: str) -> QPixmap:
    assert me.profile.record is not None
    preferences = msgspec.structs.replace(Preferences(), theme=look)
    me.profile.record.preferences = preferences
    to = next(iter(talk.conversations))
    window = MainWindow(me.bridge, me.profile, Prompter(may_ask=False), to=to)
    window.resize(*scene.size)
    window.show()
    window.activateWindow()
    # As it is told to a window that is there when the client logs in.
    me.bridge.happened.emit([me.do(lambda client: client.connection)])
    settle(window)
    shown = scene.show(window, talk) or window
    settle(window)
    picture = _with_popup(shown)
    if shown is not window:
        shown.close()
    window.quit()
    window.close()
    # Its size is stored, and then its settings are applied once more: not to the next window.
    written: list[None] = []
    me.bridge.write(lambda _client: None, written.append, owner=me.bridge)
    while not written:
        QApplication.processEvents()
    window.deleteLater()
    # No event loop runs that would do it.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return picture


def _with_popup(shown: QWidget) -> QPixmap:
    """Return the picture of a window, with the menu or picker that is open over it."""
    picture = shown.grab()
    popup = QApplication.activePopupWidget()
    if popup is not None:
        painter = QPainter(picture)
        painter.drawPixmap(shown.mapFromGlobal(popup.pos()), popup.grab())
        painter.end()
        popup.close()
    return picture


def optimize(target: Path, pattern: str) -> None:
    """Make the files smaller, if the tools for it are installed."""
    files = [str(file) for file in target.glob(pattern)]
    if shutil.which("pngquant"):
        options = ("--force", "--ext", ".png", "--skip-if-larger", "--speed", "1", "--strip")
        subprocess.run(["pngquant", *options, "--", *files], check=False)
    if shutil.which("optipng"):
        subprocess.run(["optipng", "-quiet", "-o2", "--", *files], check=True)


if __name__ == "__main__":
    main()
