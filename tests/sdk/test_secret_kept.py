"""An account's secret is never lost: not with a reply, nor because a server denies it."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from messenger.crypto.accounts import Secret
from messenger.jim.devices import Published, PublishKeys
from messenger.jim.errors import Conflict, ServerError
from messenger.sdk.encryption import Encryption
from messenger.sdk.errors import ConnectionLost
from messenger.sdk.events import IdentityChanged, RecoveryChanged
from messenger.sdk.key_states import ApprovalState, RecoveryState
from messenger.sdk.store import Store

ME = "a/b%41 Иван 名前"


class Device:
    """The encryption of a device with a file, whose server replies when the test says so."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.told: list[object] = []
        self.asked: list[tuple[Any, Callable[[object], None]]] = []
        encryption = Encryption(
            store, ME, "DEVICE", lambda *one: self.asked.append(one), self.told.append
        )
        self.account = encryption.account
        self.account._lasting = True  # As if the store were a file.

    def publishes(self) -> tuple[PublishKeys, Callable[[object], None]]:
        """Return the last request that publishes an identity, and its callback."""
        found = [one for one in self.asked if getattr(one[0], "identity", None)]
        return found[-1]

    def of(self, event: type) -> list[Any]:
        return [one for one in self.told if isinstance(one, event)]

    def restarted(self) -> "Device":
        return Device(self.store)

    @property
    def signers(self) -> set[str]:
        """Which keys have signed this device: its own, and that of an identity."""
        keys = self.account.device_keys
        return {name for names in keys["signatures"].values() for name in names}


def as_published(request: PublishKeys) -> Any:
    """Return an identity as the server has it after this request."""
    return msgspec.json.decode(msgspec.json.encode(request.identity))


@pytest.mark.parametrize("restart", [False, True])
def test_an_identity_whose_answer_was_lost_is_the_accounts(restart: bool) -> None:
    device = Device(Store())
    device.account.begin(None)
    request, take = device.publishes()
    take(ConnectionLost())
    assert device.account.secret is None

    device = device.restarted() if restart else device
    device.account.begin(as_published(request))
    _again, take = device.publishes()
    take(Published(200))

    assert device.account.secret is not None
    assert device.account.secret.published() == as_published(request)
    assert [one.recovery.code for one in device.of(RecoveryChanged)] == [
        device.account.secret.code()
    ]
    assert device.account.approval.state is ApprovalState.APPROVED
    assert device.store.get("pending_secret") is None


def test_an_identity_that_never_reached_the_server_is_published_later() -> None:
    device = Device(Store())
    device.account.begin(None)
    request, take = device.publishes()
    take(ConnectionLost())

    device = device.restarted()
    device.account.begin(None)

    assert as_published(device.publishes()[0]) == as_published(request)


@pytest.mark.parametrize("error", [ConnectionLost(), ServerError("later"), Conflict("faster")])
def test_a_new_identity_that_fails_leaves_the_device_approved_by_the_old_one(
    error: Exception,
) -> None:
    device, old = Device(Store()), Secret(ME)
    device.account.stored_secret.keep(old)
    before, failed = device.signers, list[object]()

    device.account.reset(failed.append)
    device.publishes()[1](error)

    assert failed == [error]
    assert device.account.secret is old
    assert device.signers == before
    device.account.begin(old.published())
    assert not device.of(IdentityChanged)
    assert device.account.secret is old


def test_a_new_identity_whose_answer_was_lost_takes_the_place_of_the_old_one() -> None:
    device, old = Device(Store()), Secret(ME)
    device.account.stored_secret.keep(old)
    device.account.reset(lambda _: None)
    request, take = device.publishes()
    take(ConnectionLost())

    device.account.begin(as_published(request))
    again, take = device.publishes()
    take(Published(200))

    assert device.account.secret is not None
    assert device.account.secret.published() == as_published(request)
    assert device.account.backup.recovery.state is RecoveryState.CODE_UNCONFIRMED
    assert not device.of(IdentityChanged)
    signed_by = {one for names in again.device_keys["signatures"].values() for one in names}
    assert device.signers == signed_by
    assert len(signed_by) == 2


@pytest.mark.parametrize("reached", [False, True])
def test_a_removed_device_is_not_approved_by_a_new_identity_that_it_was_making(
    reached: bool,
) -> None:
    """Its user can approve it: by the old secret, or the new one if the server has that."""
    device, old = Device(Store()), Secret(ME)
    device.account.stored_secret.keep(old)
    device.account.reset(lambda _: None)
    request, take = device.publishes()
    take(ConnectionLost())
    device.store.forget_device()

    device = device.restarted()
    published = as_published(request) if reached else old.published()
    device.account.begin(published)

    assert device.account.approval.state is ApprovalState.NEEDED
    assert not [one for one, _take in device.asked if getattr(one, "identity", None)]
    device.account.recover_kept(lambda _: None)
    assert as_published(device.publishes()[0]) == msgspec.json.decode(
        msgspec.json.encode(published)
    )
