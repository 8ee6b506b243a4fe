"""Only the identity whose number was shown to the user is verified."""

import contextlib

import pytest

from messenger.crypto.accounts import Secret
from messenger.crypto.signed import SignatureError
from messenger.jim.errors import ProtocolError
from messenger.sdk.events import IdentityChanged
from messenger.sdk.key_errors import VerificationNeeded
from messenger.sdk.store import IdentityTrust
from tests.sdk.person import Names, People, Person, wait


def listed_anew(client: Person, other: Person) -> None:
    """Have the client fetch the device list; the list may be refused."""
    with contextlib.suppress(ProtocolError):
        client.keys.devices_of(other.name)


@pytest.mark.parametrize("again", [False, True])
def test_only_the_identity_whose_number_was_shown_is_verified(
    person: People, name: Names, again: bool
) -> None:
    """The number is compared by phone, and meanwhile the server lists another identity."""
    ann, bob = person(name("ann")), person(name("名前"))
    if again:
        ann.keys.verify(bob.name)
        bob.keys.reset()
        listed_anew(ann, bob)
        assert ann.keys.trust_of(bob.name) is IdentityTrust.CHANGED
    number = ann.keys.safety_number(bob.name)
    bob.keys.reset()
    listed_anew(ann, bob)

    with pytest.raises(VerificationNeeded) as told:
        ann.keys.verify(bob.name)
    assert told.value.account == bob.name
    assert ann.keys.trust_of(bob.name) is not IdentityTrust.VERIFIED

    assert number != ann.keys.safety_number(bob.name) == bob.keys.safety_number(ann.name)
    ann.keys.verify(bob.name)
    assert ann.keys.trust_of(bob.name) is IdentityTrust.VERIFIED


def test_an_identity_that_has_changed_is_not_verified_before_its_number_was_shown(
    person: People, name: Names
) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    ann.keys.verify(bob.name)
    bob.keys.reset()
    listed_anew(ann, bob)

    with pytest.raises(VerificationNeeded):
        ann.keys.verify(bob.name)
    ann.keys.safety_number(bob.name)
    ann.keys.verify(bob.name)
    assert ann.keys.trust_of(bob.name) is IdentityTrust.VERIFIED


def test_the_number_that_was_shown_is_known_after_a_restart(person: People, name: Names) -> None:
    ann, bob = person(name("Иван")), person(name("bob"))
    ann.keys.safety_number(bob.name)
    ann.close()
    bob.keys.reset()
    again = Person(ann.name, bob.port, ann.store, register=False)
    listed_anew(again, bob)

    with pytest.raises(VerificationNeeded):
        again.keys.verify(bob.name)
    again.close()


@pytest.mark.parametrize("verified", [False, True])
def test_each_other_identity_is_announced(person: People, name: Names, verified: bool) -> None:
    """Also one that returns: the last reported one is stored."""
    ann, bob = person(name("ann")), person(name("bob"))
    ann.keys.devices_of(bob.name)
    if verified:
        ann.keys.verify(bob.name)
    changed: list[object] = []
    ann.on(IdentityChanged)(changed.append)
    trust = ann.core.encryption.trust
    secret = bob.core.encryption.account.secret
    assert secret is not None
    one, other = (Secret(bob.name).identity for _ in range(2))
    for count, identity in enumerate((one, other, one, secret.identity), 1):
        with ann._lock:
            with contextlib.suppress(SignatureError):
                trust.recognise(identity)
            ann._woken.set()
        wait(lambda: len(changed) == count)  # noqa: B023  at once
        assert changed[-1] == IdentityChanged(bob.name, was_verified=verified)
        with contextlib.suppress(SignatureError):
            trust.recognise(identity)  # the same one again is no news
    assert len(changed) == 4
