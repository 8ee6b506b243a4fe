"""Notices are few and calm, each with buttons that do what they say."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from messenger.desktop.security.actions import LABELS, Actions
from messenger.desktop.security.be_approved import BeApprovedDialog
from messenger.desktop.security.log_in import LogInDialog
from messenger.desktop.security.notices import Banners, Notices
from messenger.desktop.security.recovery import RecoveryCodeDialog
from messenger.desktop.security.server_changed import ServerChangedDialog
from messenger.desktop.security.verification import VerificationDialog
from messenger.sdk.client import Client
from messenger.sdk.events import ConnectionState, StateChanged, VerificationChanged
from messenger.sdk.key_errors import VerifiedKeysChanged
from messenger.sdk.key_states import RecoveryState, Verification, VerificationState
from messenger.sdk.server_identity import KeyReplaced
from messenger.sdk.store import IdentityTrust
from messenger.ui.notices import Do, Notice, NoticeAction
from tests.desktop.devices import OtherDevice, button, press, wait
from tests.desktop.people import People, Person
from tests.running import until

REPLACED = KeyReplaced("ab " * 32, ("cd" * 32))


class Window(QWidget):
    """A window that notes what notices ask of it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[object] = []

    def open_conversation(self, name: str) -> None:
        self.asked.append(name)

    def change_password(self) -> None:
        self.asked.append("password")

    def register(self) -> None:
        self.asked.append("register")

    def restore(self, file: Path | None) -> None:
        self.asked.append(file)


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    made = Window()
    qtbot.addWidget(made)
    made.resize(500, 400)
    made.show()
    return made


@pytest.fixture
def ann(person: People) -> Person:
    """Somebody who is online, and has noted the recovery code."""
    made = person("ann")
    until(lambda: made.do(_state_of_recovery) is RecoveryState.CODE_UNCONFIRMED)
    made.do(lambda client: client.keys.confirm_recovery_code())
    return made


def _state_of_recovery(client: Client) -> RecoveryState:
    return client.keys.recovery.state


@pytest.fixture
def notices(qtbot: QtBot, window: Window, ann: Person) -> Notices:
    """Her notices."""
    made = Notices(ann.bridge, window, window)
    for banners in (made.account, made.conversation):
        banners.setParent(window)
    return made


def shown(within: Banners) -> list[str]:
    return [one.text for one in within.banners if one.isVisibleTo(within)]


def dialog(window: QWidget, kind: type[QDialog]) -> QDialog:
    found = window.findChildren(kind)
    assert len(found) == 1
    return found[0]


# --- what is shown ------------------------------------------------------------------------------


def test_only_the_latest_are_shown_and_the_rest_are_counted(qtbot: QtBot, notices: Notices) -> None:
    for number in range(5):
        notices.show_notice(Notice(f"notice {number}"))

    assert shown(notices.account) == ["notice 4", "notice 3"]
    press(qtbot, notices.account, "3 more notices")
    assert len(shown(notices.account)) == 5
    press(qtbot, notices.account, "Show fewer")
    assert len(shown(notices.account)) == 2


def test_those_of_a_conversation_wait_until_it_is_open(notices: Notices) -> None:
    notices.show_notice(Notice("about bob"), "bob")

    assert not notices.conversation.isVisibleTo(notices.conversation.parentWidget())
    notices.open("bob")
    assert shown(notices.conversation) == ["about bob"]
    notices.open("cid")
    assert shown(notices.conversation) == []
    notices.open("bob")
    assert shown(notices.conversation) == ["about bob"]


def test_a_closed_one_does_not_come_back(notices: Notices) -> None:
    notices.show_notice(Notice("one"))
    notices.show_notice(Notice("two"))

    notices.account.banners[0].close_banner()

    assert shown(notices.account) == ["one"]


def test_what_a_dialog_shows_is_no_banner_as_well(notices: Notices, ann: Person) -> None:
    asked = VerificationChanged(Verification("bob", VerificationState.REQUEST_RECEIVED))
    ann.bridge.happened.emit([asked])
    assert len(shown(notices.account)) == 1

    notices.actions.verifying.add("bob")
    ann.bridge.happened.emit([asked])

    assert shown(notices.account) == []


def test_a_recovery_code_never_stands_in_a_banner(
    qtbot: QtBot, window: Window, person: People
) -> None:
    bob = person("bob", online=False)
    notices = Notices(bob.bridge, window, window)
    bob.start()
    wait(qtbot, lambda: notices.account.banners)

    code = bob.do(lambda client: client.keys.recovery_code)
    assert code
    assert all(code not in text for text in shown(notices.account))


def test_who_has_not_noted_the_recovery_code_is_reminded_at_the_next_start(
    qtbot: QtBot, window: Window, person: People
) -> None:
    bob = person("bob")
    wait(qtbot, lambda: bob.do(_state_of_recovery) is RecoveryState.CODE_UNCONFIRMED)
    qtbot.waitUntil(lambda: not bob.bridge._tasks)

    notices = Notices(bob.bridge, window, window)

    wait(qtbot, lambda: shown(notices.account))
    assert button(notices.account, _label(Do.SHOW_RECOVERY_CODE))
    bob.do(lambda client: client.keys.confirm_recovery_code())
    wait(qtbot, lambda: not shown(notices.account))


# --- what buttons do ----------------------------------------------------------------------------


def test_each_action_has_a_button_and_does_something(window: Window, ann: Person) -> None:
    actions = Actions(ann.bridge, window, window)

    assert set(LABELS) == set(Do)
    assert set(actions._table) == set(Do)


@pytest.mark.parametrize(
    ("do", "kind"),
    [
        (Do.VERIFY, VerificationDialog),
        (Do.COMPARE_EMOJI, VerificationDialog),
        (Do.BE_APPROVED, BeApprovedDialog),
        (Do.RECOVER, BeApprovedDialog),
        (Do.SHOW_RECOVERY_CODE, RecoveryCodeDialog),
        (Do.LOG_IN, LogInDialog),
        (Do.LOG_IN_WITH_PASSWORD, LogInDialog),
    ],
)
def test_a_button_opens_its_dialog(
    qtbot: QtBot, notices: Notices, window: Window, do: Do, kind: type[QDialog]
) -> None:
    notices.show_notice(Notice("do it", (NoticeAction(do, "bob"),)))
    press(qtbot, notices.account, _label(do))

    dialog(window, kind).reject()


def _label(do: Do) -> str:
    return LABELS[do]


def test_the_windows_own_actions_are_asked_of_it(notices: Notices, window: Window) -> None:
    for action in (NoticeAction(Do.REGISTER), NoticeAction(Do.RESTORE, "file")):
        notices.actions.do(action)

    assert window.asked == ["register", Path("file")]


def test_an_invitation_is_accepted(
    qtbot: QtBot, notices: Notices, window: Window, ann: Person, person: People,
    name: Callable[[str], str],
) -> None:  # fmt: skip
    bob, room = person("bob"), name("#room")
    bob.do(lambda client: client.join(room))
    bob.do(lambda client: client.invite(room, ann.name))
    wait(qtbot, lambda: button(notices.account, "Join"))
    press(qtbot, notices.account, "Join")

    wait(qtbot, lambda: window.asked == [room])
    assert button(notices.account, "Join") is None


def test_a_message_to_a_changed_identity_goes_out_only_after_a_decision(
    qtbot: QtBot, notices: Notices, window: Window, ann: Person, person: People
) -> None:
    bob = person("bob")
    ann.do(lambda client: client.keys.safety_number(bob.name))
    ann.do(lambda client: client.keys.verify(bob.name))
    bob.do(lambda client: client.keys.reset())
    with pytest.raises(VerifiedKeysChanged):
        ann.do(lambda client: client.keys.devices_of(bob.name))
    notices.open(bob.name)
    ann.say(bob.name, "is it you?")
    wait(qtbot, lambda: button(notices.conversation, "Send again"))
    assert bob.heard(ann.name) == []

    press(qtbot, notices.conversation, "Verify…")
    deciding = dialog(window, VerificationDialog)
    press(qtbot, deciding, "Send anyway…")
    press(qtbot, deciding, "Send anyway")

    wait(qtbot, lambda: bob.heard(ann.name) == ["is it you?"])
    wait(qtbot, lambda: button(notices.conversation, "Send again") is None)
    assert button(notices.conversation, "Verify…") is None
    assert ann.do(lambda client: client.keys.trust_of(bob.name)) is IdentityTrust.UNVERIFIED


def test_a_change_from_before_this_start_is_told_when_the_chat_is_opened(
    qtbot: QtBot, notices: Notices, ann: Person, person: People
) -> None:
    bob = person("bob")
    ann.do(lambda client: client.keys.safety_number(bob.name))
    ann.do(lambda client: client.keys.verify(bob.name))
    bob.do(lambda client: client.keys.reset())
    with pytest.raises(VerifiedKeysChanged):
        ann.do(lambda client: client.keys.devices_of(bob.name))
    wait(qtbot, lambda: notices._list.of(bob.name))
    notices._list.remove(("identity", bob.name))

    notices.open(bob.name)

    wait(qtbot, lambda: any("blocked" in text for text in shown(notices.conversation)))


def test_a_device_that_is_approved_or_removed_needs_no_notice(
    qtbot: QtBot, notices: Notices, window: Window, ann: Person, tmp_path: Path
) -> None:
    other = OtherDevice(ann, tmp_path)
    try:
        other.start()
        ann.do(lambda client: client.keys.devices_of(ann.name))
        wait(qtbot, lambda: button(notices.account, "It is mine: approve…"))
        code = other.do(lambda client: client.keys.approval_code)
        press(qtbot, notices.account, "It is mine: approve…")
        approving = window.findChildren(QDialog)[-1]
        approving._code.edit.setText(code)  # type: ignore[attr-defined]  # ApproveDialog's
        press(qtbot, approving, "Approve")
        press(qtbot, approving, "Done")

        wait(qtbot, lambda: button(notices.account, "It is mine: approve…") is None)
        assert other.do(lambda client: client.keys.is_approved)
    finally:
        other.close()


def test_what_cannot_be_encrypted_is_sent_only_if_the_user_agrees(
    qtbot: QtBot, notices: Notices, window: Window, ann: Person
) -> None:
    action = NoticeAction(Do.SEND_UNENCRYPTED, "#lobby")
    with qtbot.waitSignal(notices.actions.done, timeout=30_000):
        notices.actions.do(action)
        press(qtbot, window.findChildren(QDialog)[-1], "Send unencrypted")
    assert ann.do(lambda client: client.store.page("#lobby", limit=1)) == []


# --- the server's key ---------------------------------------------------------------------------


def test_a_changed_key_is_explained_and_trusted_only_by_choice(
    qtbot: QtBot, notices: Notices, window: Window, ann: Person
) -> None:
    ann.bridge.happened.emit([StateChanged(ConnectionState.REFUSED, REPLACED)])
    press(qtbot, notices.account, "Details…")
    asked = dialog(window, ServerChangedDialog)
    assert isinstance(asked, ServerChangedDialog)
    trust = button(asked, "Trust the new key")
    assert trust is not None
    assert not trust.isEnabled()
    press(qtbot, asked, "Do not connect")
    assert asked.trusted == ""

    asked = ServerChangedDialog(REPLACED, window)
    asked._sure.setChecked(True)
    press(qtbot, asked, "Trust the new key")
    assert asked.trusted == "cd" * 32
