"""The first window of a new user, against a real server."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from messenger.crypto.certificates import fingerprint
from messenger.ui.welcome_form import Kind
from messenger.windows.widgets.qr_code import qr_image
from tests.desktop.checking import faults
from tests.desktop.newcomers import PASSWORD, NewUser
from tests.desktop.typing import type_text
from tests.running import RunningServer, Talker
from tests.server.administrators import operator, registered
from tests.stretching import PASSWORD as OF_ACCOUNTS

Users = Callable[..., NewUser]
Names = Callable[[str], str]
_NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def newcomer(qtbot: QtBot, server: RunningServer) -> Iterator[Users]:
    """Show the first window to new users: `newcomer(server="...")`."""
    made: list[NewUser] = []

    def make(**options: object) -> NewUser:
        made.append(NewUser(qtbot, **options))  # type: ignore[arg-type]  # those of NewUser
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def address(server: RunningServer) -> str:
    return f"127.0.0.1:{server.port}"


def test_a_new_user_gets_an_account(
    newcomer: Users, address: str, server: RunningServer, name: Callable[[str], str]
) -> None:
    user, anna = newcomer(), name("anna")
    for field, text in (("server", address), ("name", anna), ("password", PASSWORD)):
        type_text(getattr(user.window.fields, field).edit, text)
    QTest.keyClick(user.window.fields.password.edit, Qt.Key.Key_Return)

    made = user.result()

    assert made is not None
    assert (made.credentials.name, made.credentials.register) == (anna, True)
    assert made.remember == "file"  # There is no keyring.
    with Talker(server.port) as link:
        assert link.log_in(anna, PASSWORD)["response"] == 200


def test_a_taken_name_is_told_beside_it_and_its_owner_logs_in(
    newcomer: Users, address: str, server: RunningServer, name: Callable[[str], str]
) -> None:
    anna = name("anna")
    with Talker(server.port) as link:
        link.register_quickly(anna)
    user = newcomer(server=address)
    user.fill_in(name=anna)
    user.go()

    assert "is taken" in user.error()
    assert user.wrong_field() == "name"

    user.window.other.click()
    assert user.window.fields.kind is Kind.KNOWN
    user.fill_in(password="not this one at all")
    user.go()
    assert "Wrong password" in user.error()
    assert user.wrong_field() == "password"

    user.fill_in(password=OF_ACCOUNTS)
    user.go()
    made = user.result()
    assert made is not None
    assert not made.credentials.register


def test_an_error_goes_when_the_user_corrects_it(newcomer: Users, address: str) -> None:
    user = newcomer(server=address)
    user.go()
    assert user.error() == "Choose a password, or come as a guest."

    user.fill_in(password="a")

    assert not user.window.fields.password.edit.property("wrong")


def test_a_guest_needs_no_password(
    newcomer: Users, address: str, name: Callable[[str], str]
) -> None:
    user = newcomer(server=address)
    user.window.guest.click()
    assert not user.window.fields.password.isVisible()
    user.fill_in(name=name("eva"), password="")
    user.go()

    made = user.result()

    assert made is not None
    assert made.credentials.password is None
    assert made.remember is None


def test_a_server_that_is_away_can_be_corrected_or_used_offline(newcomer: Users) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        user = newcomer(server=f"127.0.0.1:{nobody.getsockname()[1]}")
        user.fill_in(name="anna")
        user.go()

        assert "continue offline" in user.error()
        assert user.wrong_field() == "server"
        assert user.window.offline.isVisible()
        user.window.offline.click()

        made = user.result()
    assert made is not None
    assert made.credentials.name == "anna"


def test_an_attempt_can_be_cancelled(newcomer: Users, qtbot: QtBot) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        user = newcomer(server=f"127.0.0.1:{silent.getsockname()[1]}", encryption="tls")
        user.fill_in(name="anna")
        user.go()
        assert user.window.is_busy
        assert not user.window.fields.isEnabled()
        user.window.cancel.click()
        qtbot.waitUntil(lambda: not user.window.is_busy)

    assert user.window.fields.isEnabled()


def test_escape_cancels_an_attempt_and_never_throws_a_form_away(newcomer: Users) -> None:
    user = newcomer()
    user.fill_in(name="anna")

    QTest.keyClick(user.window, Qt.Key.Key_Escape)

    assert user.window.isVisible()


def test_who_closes_the_window_gets_no_account(newcomer: Users, qtbot: QtBot) -> None:
    user = newcomer()
    with qtbot.waitSignal(user.window.left):
        user.window.close()

    assert user.result() is None


# --- the server ----------------------------------------------------------------------------------


def test_the_key_of_a_server_is_shown_and_is_the_one_that_is_trusted(
    newcomer: Users, server: RunningServer, address: str, qtbot: QtBot, name: Callable[[str], str]
) -> None:
    user = newcomer(server=address, encryption="tls")
    key = user.window.fields._key
    qtbot.waitUntil(lambda: key.fingerprint is not None)
    certificate = (server.data / "certificate.pem").read_bytes()
    assert key.fingerprint == fingerprint(certificate)
    assert "seen for the first time" in key.words

    user.fill_in(name=name("anna"))
    user.go()

    made = user.result()
    assert made is not None
    assert made.fingerprint == fingerprint(certificate)


def test_another_key_than_the_invited_one_is_explained(
    newcomer: Users, address: str, name: Callable[[str], str]
) -> None:
    key = "z6Chp-iGZDHg_TcfavoYg0bQvnVq3Ev35hnqPeaEqX0"
    user = newcomer(server=f"jim://{address}?invite=token&key={key}", encryption="tls")
    user.fill_in(name=name("anna"))
    user.go()

    said = user.error()

    assert user.wrong_field() == "server"
    assert "another key" in said
    assert "Ask whoever runs the server" in said


# --- invitations ---------------------------------------------------------------------------------

LINK = "jim://192.0.2.2:7777?invite=KmrG1uJgio7Okg-GTFXIPw"


def drop(user: NewUser, data: QMimeData) -> None:
    """Drag something over the window, and drop it."""
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(QPointF(50, 50).toPoint(), action, data, button, _NONE)
    user.window.dragEnterEvent(enter)
    if enter.isAccepted():
        user.window.dropEvent(QDropEvent(QPointF(50, 50), action, data, button, _NONE))


def test_a_link_is_found_in_a_dropped_text(newcomer: Users) -> None:
    user, data = newcomer(), QMimeData()
    data.setText(f"Come in! {LINK[:30]}\n  {LINK[30:]}\n")
    drop(user, data)

    assert user.window.fields.server.text == LINK


def test_a_link_is_found_in_a_dropped_picture(
    newcomer: Users, qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / "код.png"
    assert qr_image(LINK, 4).save(str(file))
    user, data = newcomer(), QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    drop(user, data)

    qtbot.waitUntil(lambda: user.window.fields.server.text == LINK)


@pytest.mark.parametrize(
    ("content", "said"), [("https://example.org", "is no invitation"), ("", "no QR code")]
)
def test_a_picture_without_a_link_is_told(
    newcomer: Users, qtbot: QtBot, content: str, said: str
) -> None:
    picture = qr_image(content or "x", 4)
    if not content:
        picture.fill(Qt.GlobalColor.white)
    user, data = newcomer(), QMimeData()
    data.setImageData(picture)
    drop(user, data)

    assert said in user.error()


def test_a_picture_and_a_broken_link_can_be_pasted(newcomer: Users, qtbot: QtBot) -> None:
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    user = newcomer()
    field = user.window.fields.server.edit

    clipboard.setImage(qr_image(LINK, 4))
    QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: field.text() == LINK)

    field.clear()
    clipboard.setText(f"{LINK[:30]}\n{LINK[30:]}")
    QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == LINK

    field.clear()
    clipboard.setText("chat.example")
    QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == "chat.example"


def test_what_cannot_be_an_invitation_is_not_taken(newcomer: Users) -> None:
    user, data = newcomer(), QMimeData()
    data.setText("no link here")
    drop(user, data)

    assert user.window.fields.server.text == ""


# --- the password --------------------------------------------------------------------------------


def test_the_strength_of_a_new_password_is_shown(newcomer: Users, qtbot: QtBot) -> None:
    user = newcomer()
    bar = user.window.fields._strength

    user.fill_in(password="short")
    qtbot.waitUntil(lambda: "more characters" in bar.words)
    user.fill_in(password="correct horse battery staple")
    qtbot.waitUntil(lambda: bar.words == "Strong")
    user.window.show_kind(Kind.KNOWN)

    assert not bar.isVisible()


def test_where_the_password_goes_is_said(newcomer: Users) -> None:
    fields = newcomer().window.fields
    assert "no keyring" in fields._where_kept.text()

    fields.stay.setChecked(False)

    assert "at each start" in fields._where_kept.text()
    assert fields.entered().remember is None
    assert newcomer(has_keyring=True).window.fields.entered().remember == "keyring"


def test_a_forgotten_password_is_set_by_an_administrators_code(
    newcomer: Users, address: str, server: RunningServer, name: Names
) -> None:
    ivan = registered(server, name("Иван"))
    reset = operator(server, "admin_reset", account_name=ivan)
    user = newcomer(server=address)
    window, fields = user.window, user.window.fields
    assert window.forgot.isHidden()
    window.other.click()  # who has an account may have forgotten its password
    window.forgot.click()
    assert fields.kind is Kind.FORGOTTEN
    assert window.focusWidget() is fields.code.edit
    user.fill_in(name=ivan)
    user.go()
    assert user.wrong_field() == "code"
    fields.code.edit.setText("AAAA-AAAA-AAAA-AAAA")
    user.go()
    assert "wrong, used or expired" in user.error()
    assert user.wrong_field() == "code"
    fields.code.edit.setText(reset["reset_code"])
    user.go()

    made = user.result()

    assert made is not None
    with Talker(server.port) as link:
        assert link.log_in(ivan, PASSWORD)["response"] == 200


def test_an_administrators_link_fills_the_form_in_and_says_what_it_means(
    newcomer: Users, server: RunningServer, name: Names, qtbot: QtBot
) -> None:
    ivan = registered(server, name("Иван"))
    reset = operator(server, "admin_reset", account_name=ivan)
    user = newcomer()
    user.window.take_link(reset["link"])
    fields = user.window.fields
    assert fields.kind is Kind.FORGOTTEN
    assert (fields.name.text, fields.code.text) == (ivan, reset["reset_code"])
    said = [one.text() for one in user.window.findChildren(QLabel) if one.isVisible()]
    assert any("earlier messages appear once you type your recovery code" in one for one in said)
    type_text(fields.password.edit, PASSWORD)
    qtbot.waitUntil(lambda: bool(fields._strength.words))
    user.go()
    made = user.result()
    assert made is not None
    assert made.credentials.name == ivan
    assert made.fingerprint


@pytest.mark.parametrize("kind", Kind)
def test_the_form_can_be_used_with_keys_and_a_screen_reader(newcomer: Users, kind: Kind) -> None:
    user = newcomer()
    user.window.show_kind(kind)

    assert faults(user.window) == []
