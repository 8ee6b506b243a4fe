"""What the user still needs to see, and nothing that is obsolete."""

from typing import Any

import pytest

from messenger.jim.errors import DeviceRemoved, Unauthorized
from messenger.sdk.events import (
    ApprovalChanged,
    ConnectionState,
    DeviceAppeared,
    DeviceApproved,
    IdentityChanged,
    MembersAppeared,
    MessageChanged,
    MessagesLost,
    RecoveryChanged,
    StateChanged,
    TrustDecided,
    VerificationChanged,
)
from messenger.sdk.key_states import (
    Approval,
    ApprovalState,
    CancelReason,
    Recovery,
    RecoveryState,
    Verification,
    VerificationState,
)
from messenger.sdk.results import RoomChanged
from messenger.sdk.store import IdentityTrust, MessageState
from messenger.ui.notice_list import NoticeList
from messenger.ui.notices import Do, Notice, NoticeAction
from tests.ui.samples import message

ME = "ann"
NEEDED = ApprovalChanged(Approval(ApprovalState.NEEDED, "CODE"), ApprovalState.UNKNOWN)
APPROVED = ApprovalChanged(Approval(ApprovalState.APPROVED), ApprovalState.NEEDED)
UNCONFIRMED = RecoveryChanged(Recovery(RecoveryState.CODE_UNCONFIRMED, "CODE"))
READY = RecoveryChanged(Recovery(RecoveryState.READY, "CODE"))
RESTORING = RecoveryChanged(Recovery(RecoveryState.RESTORING))
RESTORED = RecoveryChanged(Recovery(RecoveryState.RESTORED, keys=7))
ONLINE = StateChanged(ConnectionState.ONLINE)
FAILED = MessageChanged(message(state=MessageState.FAILED, sender=ME))
SENT = MessageChanged(message(state=MessageState.SENT, sender=ME))


def compared(state: VerificationState, **more: Any) -> VerificationChanged:
    return VerificationChanged(Verification("bob", state, **more))


def taking(*events: object) -> NoticeList:
    found = NoticeList(ME)
    for event in events:
        found.take(event)
    return found


def invited(change: str = "invited", name: str = "bob") -> RoomChanged:
    return RoomChanged(room="#r", change=change, account_name=name)


@pytest.mark.parametrize(
    ("event", "place"),
    [
        (NEEDED, ""),
        (UNCONFIRMED, ""),
        (RESTORING, ""),
        (DeviceAppeared(ME, "d2"), ""),
        (DeviceAppeared("bob", "d2"), "bob"),
        (IdentityChanged("bob", was_verified=True), "bob"),
        (TrustDecided("bob", IdentityTrust.VERIFIED), "bob"),
        (compared(VerificationState.REQUEST_RECEIVED), ""),
        (MembersAppeared("#r", ("bob",)), "#r"),
        (MessagesLost("#r"), "#r"),
        (FAILED, "bob"),
        (invited(), ""),
    ],
)
def test_a_notice_is_shown_where_it_belongs(event: object, place: str) -> None:
    found = taking(event)

    assert [entry.conversation for entry in found] == [place]
    assert len(found.of(place)) == 1


@pytest.mark.parametrize(
    ("events", "left"),
    [
        ((NEEDED, APPROVED), ["This device is approved."]),
        ((UNCONFIRMED, READY), []),
        ((RESTORING, RESTORED), []),
        ((FAILED, SENT), []),
        ((invited(), invited("joined", ME)), []),
        ((invited(), invited("joined", "cid")), ["bob invites you to #r."]),
        (
            (
                compared(VerificationState.REQUEST_RECEIVED),
                compared(VerificationState.CANCELLED, reason=CancelReason.TIMEOUT),
            ),
            ["bob is not verified: it took too long"],
        ),
        ((compared(VerificationState.EMOJI_SHOWN), compared(VerificationState.CONFIRMED)), []),
        (
            (
                IdentityChanged("bob", was_verified=False),
                TrustDecided("bob", IdentityTrust.VERIFIED),
            ),
            ["You have verified bob on another device."],
        ),
    ],
)
def test_what_is_obsolete_goes(events: tuple[object, ...], left: list[str]) -> None:
    assert [entry.notice.text for entry in taking(*events)] == left


def test_a_refused_login_can_be_repeated_and_goes_once_online() -> None:
    found = taking(ONLINE, StateChanged(ConnectionState.REFUSED, Unauthorized("no")))
    assert [entry.notice.actions[0].do for entry in found] == [Do.LOG_IN]
    found.take(ONLINE)
    assert list(found) == []

    found.take(StateChanged(ConnectionState.REFUSED, DeviceRemoved("gone")))
    assert [entry.notice.actions[0].do for entry in found] == [Do.LOG_IN_WITH_PASSWORD]


def test_a_lost_connection_is_no_notice_of_its_own() -> None:
    assert list(taking(ONLINE, StateChanged(ConnectionState.OFFLINE), ONLINE)) == []


def test_an_event_that_changes_nothing_is_told_apart() -> None:
    found = NoticeList(ME)

    assert not found.take(compared(VerificationState.READY))
    assert not found.take("something else")
    assert found.take(NEEDED)


def test_the_latest_comes_first_and_the_oldest_are_dropped() -> None:
    found = NoticeList(ME)
    for number in range(30):
        found.add(Notice(str(number)), ("said", str(number)))

    shown = [entry.notice.text for entry in found.of("")]
    assert shown[0] == "29"
    assert len(shown) == 20


def test_a_message_that_was_not_sent_stays_whatever_is_decided() -> None:
    verify = NoticeAction(Do.VERIFY, "bob")
    again = NoticeAction(Do.SEND_AGAIN, "bob")
    found = taking(IdentityChanged("bob", was_verified=True))
    found.add(Notice("Not sent", (verify, again)), ("failed", "bob"), "bob")

    assert found.done(verify)
    assert [entry.key[0] for entry in found] == ["failed"]
    assert found.done(again)
    assert not found.done(again)


def test_only_devices_that_are_approved_or_gone_need_no_notice() -> None:
    events = [DeviceAppeared(ME, one) for one in ("mine", "gone", "strange")]
    found = taking(*events, DeviceAppeared(ME, "signed", approved=True))

    assert found.compare_devices({"mine": True, "strange": False, "signed": True})
    assert sorted(entry.key[1] for entry in found) == ["signed", "strange"]
    assert not found.compare_devices({"strange": False, "signed": True})


def test_a_device_that_the_user_has_approved_needs_no_notice_at_once() -> None:
    """The list of devices shows it as approved only when it has signed itself."""
    found = taking(DeviceAppeared(ME, "mine"), DeviceAppeared(ME, "strange"))

    assert found.take(DeviceApproved("mine"))
    assert [entry.key[1] for entry in found] == ["strange"]
