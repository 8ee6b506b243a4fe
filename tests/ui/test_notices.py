"""Whatever happens that a user has to hear of is told, with what can be done about it."""

from typing import get_args

import pytest

from messenger.jim.contacts import ContactChanged, Person
from messenger.jim.messages import ReceiptChanged, TypingNotice
from messenger.jim.rooms import RoomChanged
from messenger.sdk.events import (
    ApprovalChanged,
    BlocksChanged,
    ContactsChanged,
    ConversationChanged,
    CoreEvent,
    DeviceAppeared,
    DeviceApproved,
    IdentityChanged,
    KeysRestored,
    MembersAppeared,
    MembersChanged,
    MessageChanged,
    MessageDecrypted,
    MessageReceived,
    MessagesLost,
    MessagesMissing,
    RecoveryChanged,
    ServerAnnounced,
    StateChanged,
    SummariesChanged,
    TrustDecided,
    VerificationChanged,
)
from messenger.sdk.key_errors import ServerCannotEncrypt, VerifiedKeysChanged
from messenger.sdk.key_states import (
    Approval,
    ApprovalState,
    CancelReason,
    Recovery,
    RecoveryState,
    Verification,
    VerificationState,
)
from messenger.sdk.store import IdentityTrust, MessageState
from messenger.ui import notices
from messenger.ui.notices import Do, NoticeAction, failure_notice, notice_of
from tests.ui.samples import message

SHOWN_OTHERWISE = frozenset(
    {
        StateChanged,
        MessageReceived,
        MessageDecrypted,
        MessageChanged,
        ReceiptChanged,
        TypingNotice,
        ConversationChanged,
        DeviceApproved,
        SummariesChanged,
        MembersChanged,
        ContactsChanged,
        BlocksChanged,
        KeysRestored,
    }
)
"""Events that change what is shown of messages, people and the connection, and need no words."""

NAMES = ("Иван", "名前", "a/b%41", "Dave Smith", "{name}", "𝕯" * 25)


def text_of(event: object, me: str = "") -> str:
    notice = notice_of(event, me)
    assert notice is not None
    return notice.text


def actions_of(event: object, me: str = "") -> tuple[NoticeAction, ...]:
    notice = notice_of(event, me)
    assert notice is not None
    return notice.actions


def asked(name: str) -> VerificationChanged:
    return VerificationChanged(Verification(name, VerificationState.REQUEST_RECEIVED))


def shown(name: str) -> VerificationChanged:
    return VerificationChanged(Verification(name, VerificationState.EMOJI_SHOWN, tuple(range(7))))


def made(code: str) -> RecoveryChanged:
    return RecoveryChanged(Recovery(RecoveryState.CODE_UNCONFIRMED, code))


def needed(code: str, *, keeps_secret: bool = False) -> ApprovalChanged:
    approval = Approval(ApprovalState.NEEDED, code, keeps_secret)
    return ApprovalChanged(approval, ApprovalState.UNKNOWN)


def cancelled(reason: CancelReason, *, here: bool = False) -> VerificationChanged:
    ended = Verification("名前", VerificationState.CANCELLED, (), reason, cancelled_here=here)
    return VerificationChanged(ended)


def test_every_event_is_told_or_shown_in_another_way() -> None:
    told = set(notices._NOTICES)

    assert told | SHOWN_OTHERWISE == set(get_args(CoreEvent))
    assert not told & SHOWN_OTHERWISE


def test_no_notice_names_a_command_or_an_option() -> None:
    """A window has neither."""
    for event in (
        made("CODE"),
        IdentityChanged("Иван", was_verified=True),
        needed("CODE", keeps_secret=True),
        DeviceAppeared("Иван", "d2"),
        asked("Иван"),
        shown("Иван"),
        RoomChanged(time=0, room="#кафе", change="invited", account_name="Иван"),
    ):
        text = text_of(event, "Иван")
        assert " /" not in text
        assert "--" not in text


def test_what_is_a_message_needs_no_words() -> None:
    assert notice_of(MessageReceived(message())) is None


@pytest.mark.parametrize("name", NAMES)
def test_names_are_told_as_they_are(name: str) -> None:
    assert name in text_of(IdentityChanged(name, was_verified=False))
    assert name in text_of(MessagesMissing(name))
    assert name in text_of(MessagesLost(name))
    assert actions_of(asked(name)) == (NoticeAction(Do.COMPARE_EMOJI, name),)


@pytest.mark.parametrize("change", notices._ROOM_CHANGES)
def test_every_change_of_a_room_is_told(change: str) -> None:
    event = RoomChanged(time=7, room="#кафе", change=change, account_name="Иван", topic="чай")

    notice = notice_of(event)

    assert notice is not None
    assert "#кафе" in notice.text
    assert notice.time == 7


def test_a_topic_never_becomes_part_of_a_format() -> None:
    event = RoomChanged(
        time=0, room="#{0}", change="topic", account_name="{name}", topic="{room} \x1b[2J"
    )

    assert text_of(event) == "{name} changed the topic of #{0} to “{room} ␛[2J”"


def test_a_topic_that_is_cleared_is_told_as_that() -> None:
    event = RoomChanged(time=0, room="#кафе", change="topic", account_name="Иван", topic="")

    assert text_of(event) == "Иван cleared the topic of #кафе"


def test_a_room_that_was_encrypted_before_is_no_news() -> None:
    assert notice_of(RoomChanged(time=0, room="#кафе", change="encrypted", account_name="")) is None


def test_whoever_is_invited_can_join() -> None:
    event = RoomChanged(time=0, room="#кафе", change="invited", account_name="Иван")

    assert actions_of(event) == (NoticeAction(Do.JOIN, "#кафе"),)


def test_a_contact_who_comes_is_told_with_the_time() -> None:
    notice = notice_of(ContactChanged(time=5, person=Person("名前", state="online")))

    assert notice is not None
    assert (notice.text, notice.time) == ("名前: online", 5)


def test_new_members_are_counted() -> None:
    assert "a new member" in text_of(MembersAppeared("#кафе", ("Иван",)))
    assert text_of(MembersAppeared("#кафе", ("Иван", "名前"))).endswith("messages: Иван, 名前")


def test_ones_own_new_device_is_approved_or_removed() -> None:
    mine = DeviceAppeared("Иван", "d2")

    assert actions_of(mine, "Иван") == (
        NoticeAction(Do.APPROVE_DEVICE),
        NoticeAction(Do.REMOVE_DEVICE),
    )
    assert actions_of(mine._replace(approved=True), "Иван") == (NoticeAction(Do.REPLACE_KEYS),)


def test_the_new_device_of_another_is_told_with_what_it_can_read() -> None:
    theirs = DeviceAppeared("Иван", "d2")

    assert "It can read new messages" in text_of(theirs, "Мария")
    assert "verified by an existing one" in text_of(theirs._replace(approved=True), "Мария")
    assert "It cannot read" in text_of(theirs._replace(excluded=True), "Мария")
    assert actions_of(theirs, "Мария") == ()


def test_the_recovery_code_can_be_copied() -> None:
    notice = notice_of(made("EsTc 1234"))

    assert notice is not None
    assert notice.code == "EsTc 1234"


def test_what_a_removed_device_has_kept_is_offered_only_where_it_is_worth_something() -> None:
    ways = (NoticeAction(Do.BE_APPROVED, "CODE"), NoticeAction(Do.RECOVER))

    assert actions_of(needed("CODE")) == ways
    assert actions_of(needed("CODE", keeps_secret=True)) == (*ways, NoticeAction(Do.RECOVER_KEPT))


def test_an_approval_is_told_to_whom_it_was_needed_by() -> None:
    """The first device of an account has never waited for one."""
    approved = Approval(ApprovalState.APPROVED)

    assert text_of(ApprovalChanged(approved, ApprovalState.NEEDED)) == "This device is approved."
    assert notice_of(ApprovalChanged(approved, ApprovalState.UNKNOWN)) is None


def test_that_older_messages_are_fetched_is_told_once() -> None:
    begun = Recovery(RecoveryState.RESTORING, "CODE")

    assert text_of(RecoveryChanged(begun)) == "Older messages are being fetched."
    assert notice_of(RecoveryChanged(begun._replace(keys=7))) is None


def test_emoji_are_shown_to_be_compared() -> None:
    event = shown("名前")

    assert text_of(event).startswith("🐶 Dog  🐱 Cat")
    assert text_of(event).endswith("Does 名前 see the same?")
    assert actions_of(event) == (
        NoticeAction(Do.SAY_SAME, "名前"),
        NoticeAction(Do.SAY_DIFFERENT, "名前"),
    )


def test_the_end_of_a_verification_is_told() -> None:
    verified = VerificationChanged(Verification("名前", VerificationState.VERIFIED))
    assert text_of(verified) == "名前 is verified."
    assert text_of(cancelled(CancelReason.MISMATCH)) == "名前 is not verified: the emoji differ"


@pytest.mark.parametrize(
    "reason", [one for one in CancelReason if one is not CancelReason.ACCEPTED_ELSEWHERE]
)
def test_each_reason_for_the_end_of_a_verification_has_words(reason: CancelReason) -> None:
    assert text_of(cancelled(reason)).startswith("名前 is not verified: ")


def test_a_verification_that_goes_on_elsewhere_is_no_warning() -> None:
    said = text_of(cancelled(CancelReason.ACCEPTED_ELSEWHERE))

    assert said == "You compare emoji with 名前 on another device."


def test_what_a_user_has_done_in_a_verification_is_no_news() -> None:
    for state in ("request_sent", "ready", "confirmed"):
        event = VerificationChanged(Verification("名前", VerificationState(state)))
        assert notice_of(event) is None
    assert notice_of(cancelled(CancelReason.USER, here=True)) is None
    assert "too long" in text_of(cancelled(CancelReason.TIMEOUT, here=True))


def test_what_was_decided_on_another_device_is_told() -> None:
    assert "verified Иван" in text_of(TrustDecided("Иван", IdentityTrust.VERIFIED))
    assert "accepted Иван, unverified" in text_of(TrustDecided("Иван", IdentityTrust.UNVERIFIED))


def test_a_message_that_failed_says_which_one_why_and_can_be_sent_again() -> None:
    failed = message("привет " * 50, state=MessageState.FAILED, reason="There is no user bob")

    notice = failure_notice(failed)

    assert notice.text.startswith("Not sent to bob: There is no user bob (“привет")
    assert len(notice.text) < 120
    assert notice.actions == (NoticeAction(Do.SEND_AGAIN, "bob"),)


def test_a_message_that_was_kept_back_says_what_lets_it_out() -> None:
    failed = message(state=MessageState.FAILED, conversation="名前", reason="no")

    changed = failure_notice(failed, VerifiedKeysChanged("名前")).actions
    plain = failure_notice(failed, ServerCannotEncrypt()).actions

    assert changed == (NoticeAction(Do.VERIFY, "名前"), NoticeAction(Do.SEND_AGAIN, "名前"))
    assert plain == (NoticeAction(Do.SEND_UNENCRYPTED, "名前"), NoticeAction(Do.SEND_AGAIN, "名前"))


def test_the_servers_message_names_the_server_and_reorders_no_line() -> None:
    assert text_of(ServerAnnounced("a\u202eb", "Хор")) == "From Хор: a\\u202eb"
    assert text_of(ServerAnnounced("Привет {name}")) == "From the server's operator: Привет {name}"
