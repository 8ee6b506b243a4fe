"""In a terminal a notice says which command does what can be done."""

import pytest

from messenger.console import notice_lines
from messenger.console.notice_lines import explain
from messenger.console.notice_lines import notice_lines as lines_of
from messenger.jim.rooms import RoomChanged
from messenger.sdk.events import (
    ApprovalChanged,
    DeviceAppeared,
    IdentityChanged,
    RecoveryChanged,
    VerificationChanged,
)
from messenger.sdk.key_errors import ServerCannotEncrypt
from messenger.sdk.key_states import (
    Approval,
    ApprovalState,
    Recovery,
    RecoveryState,
    Verification,
    VerificationState,
)
from messenger.sdk.store import MessageState
from messenger.ui.notices import Do, failure_notice
from tests.ui.samples import message


@pytest.mark.parametrize("do", Do)
def test_everything_that_can_be_done_has_a_sentence(do: Do) -> None:
    assert notice_lines._SENTENCES[do]


@pytest.mark.parametrize(
    ("name", "written"),
    [("Иван", "Иван"), ("Dave Smith", '"Dave Smith"'), ("a/b%41", "a/b%41"), ("{to}", "{to}")],
)
def test_names_stand_in_commands_as_they_are_to_be_written(name: str, written: str) -> None:
    said = explain(IdentityChanged(name, was_verified=False))

    assert said == f"{name}'s security keys have changed. /verify {written} compares the keys."


def test_the_approval_of_a_device_is_a_command_to_be_copied() -> None:
    needed = Approval(ApprovalState.NEEDED, "AB CD", keeps_secret=True)
    said = explain(ApprovalChanged(needed, ApprovalState.UNKNOWN)).split("\n")

    assert said[0].endswith("is hidden from others. On another of your devices type")
    assert said[1] == "    /approve AB CD"
    assert said[2].startswith("or here: /recover and your recovery code.")
    assert "/recover kept" in said[2]


def test_a_recovery_code_stands_on_a_line_of_its_own() -> None:
    said = explain(RecoveryChanged(Recovery(RecoveryState.CODE_UNCONFIRMED, "EsTc 1234"))).split(
        "\n"
    )

    assert said[0].endswith("/recovery shows it again.")
    assert said[1:] == ["    EsTc 1234"]


def test_a_new_device_of_ones_own_is_announced_as_such() -> None:
    mine = DeviceAppeared("Иван", "d2")

    assert "/approve CODE" in explain(mine, "Иван")
    assert "/devices remove" in explain(mine._replace(approved=True), "Иван")
    assert explain(mine, "Мария").startswith("Иван added a new device")


def test_comparing_emoji_names_the_commands() -> None:
    assert "/verify Иван emoji" in explain(
        VerificationChanged(Verification("Иван", VerificationState.REQUEST_RECEIVED))
    )
    emoji = Verification("Иван", VerificationState.EMOJI_SHOWN, (0, 1, 2, 3, 4, 5, 6))
    said = explain(VerificationChanged(emoji))
    assert "/verify Иван same" in said
    assert "/verify Иван differ" in said


def test_what_has_a_time_begins_with_it_and_a_star() -> None:
    event = RoomChanged(time=0, room="#кафе", change="invited", account_name="Иван")

    assert explain(event).endswith(" * Иван invites you to #кафе. To join: /join #кафе")


def test_what_failed_elsewhere_names_where_to_send_it_again() -> None:
    failed = message("hi", state=MessageState.FAILED, conversation="Dave Smith", reason="no")

    assert lines_of(failure_notice(failed), "Dave Smith").endswith("(“hi”). /resend tries again.")
    assert '/msg "Dave Smith" and /resend' in lines_of(failure_notice(failed), "Иван")


def test_what_is_to_be_sent_unencrypted_is_so_in_its_own_conversation_only() -> None:
    """The command acts on the open one."""
    failed = message("hi", conversation="Dave Smith", state=MessageState.FAILED, reason="no keys")
    notice = failure_notice(failed, ServerCannotEncrypt())

    assert "). /plain sends without encryption." in lines_of(notice, "Dave Smith")
    assert '/msg "Dave Smith" and /plain' in lines_of(notice, "#all")


def test_what_is_no_news_is_no_line() -> None:
    assert explain(object()) == ""
