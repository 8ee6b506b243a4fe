"""Commands about encryption: what they do at the server, and what they tell the user."""

import pytest

from messenger.sdk.store import IdentityTrust
from messenger.ui.commands.arguments import Usage, quoted
from messenger.ui.wording import shown_name, trust_name
from tests.in_process import Users
from tests.sdk.person import Names
from tests.ui.online import At, Online, acquainted


def test_both_are_shown_the_same_number(ivan: Online, user: Users, name: Names, at: At) -> None:
    bob = acquainted(ivan, user, name, at)

    shown, seen = ivan.run("/verify"), bob.run(f"/verify {quoted(ivan.me)}")

    assert shown[0] == f"{shown_name(bob.me)}: {trust_name(IdentityTrust.UNVERIFIED)}"
    assert shown[1:-1] == seen[1:-1]
    (code,) = ivan.run("/verify qr")
    assert code.split()[1:] == " ".join(shown[1:-1]).split()


def test_the_same_number_verifies(ivan: Online, user: Users, name: Names, at: At) -> None:
    bob = acquainted(ivan, user, name, at)
    shown = shown_name(bob.me)

    assert ivan.run(f"/verify {quoted(bob.me)} yes") == [f"{shown} is verified."]
    with pytest.raises(Usage, match="have not changed"):
        ivan.run("/verify accept")
    (line,) = ivan.run(f"/whois {quoted(bob.me)}")
    assert trust_name(IdentityTrust.VERIFIED) in line


def test_emoji_verify_both(ivan: Online, user: Users, name: Names, at: At) -> None:
    bob = acquainted(ivan, user, name, at)

    assert ivan.run("/verify emoji") == [
        f"Waiting for {shown_name(bob.me)}. Then both of you see seven emoji."
    ]
    bob.run("/verify emoji")
    assert ivan.run("/verify same") == [f"Waiting for {shown_name(bob.me)} to confirm."]
    assert bob.run("/verify same") == []
    assert bob.client.keys.trust_of(ivan.me) is IdentityTrust.VERIFIED


def test_emoji_that_differ_are_a_warning(ivan: Online, user: Users, name: Names, at: At) -> None:
    bob = acquainted(ivan, user, name, at)
    ivan.run("/verify emoji")
    bob.run("/verify emoji")

    (said,) = ivan.run("/verify differ")

    assert "intercepting" in said


def test_one_may_go_on_with_somebody_whose_keys_have_changed(
    ivan: Online, user: Users, name: Names, at: At
) -> None:
    bob = acquainted(ivan, user, name, at)
    ivan.run("/verify yes")
    bob.client.keys.reset()
    ivan.client.say(bob.me, "who are you?")

    assert f"/verify {quoted(bob.me)} accept" in ivan.run("/verify")[-1]
    assert ivan.run("/verify accept") == [f"Continuing with {shown_name(bob.me)}, unverified."]


@pytest.mark.parametrize("rest", ["#room", "somebody nope"])
def test_what_nobody_is_called_cannot_be_verified(ivan: Online, rest: str) -> None:
    with pytest.raises(Usage):
        ivan.run(f"/verify {rest}")


def test_a_second_device_is_approved_by_its_code(ann: Online, user: Users, at: At) -> None:
    second = at(user(ann.me, register=False))
    shown = second.run("/devices qr")
    code = shown[-2].removeprefix("    /approve ")
    assert shown[-1] == f"code: {code}"
    assert second.run("/recovery") == ["This device is not approved yet: /devices shows how"]
    assert "not approved" in " ".join(shown)

    assert ann.run(f"/approve {code}") == ["The device is approved, and gets your older messages."]

    assert second.client.keys.is_approved
    assert [line[:2] for line in ann.run("/devices")] == ["1.", "2."]
    for command in ("/approve", "/devices all", "/recover"):
        with pytest.raises(Usage):
            ann.run(command)


def test_a_device_is_approved_by_the_recovery_code(ann: Online, user: Users, at: At) -> None:
    code = ann.run("/recovery")[1].strip()
    second = at(user(ann.me, register=False))

    second.run(f"/recover {code}")

    assert second.client.keys.is_approved


def test_new_keys_are_made_only_if_the_user_agrees(user: Users, name: Names, at: At) -> None:
    client = user(name("ann"))
    code = client.keys.recovery_code

    at(client).run("/recover new")
    assert client.keys.recovery_code == code
    at(client, agrees=True).run("/recover new")
    assert client.keys.recovery_code != code


def test_a_lost_device_is_removed(ann: Online, user: Users) -> None:
    second = user(ann.me, register=False)
    ann.client.keys.approve(second.keys.approval_code)
    lines = ann.run("/devices")
    this = next(index for index, line in enumerate(lines, 1) if "this one" in line)

    with pytest.raises(Usage, match="the device that you are using"):
        ann.run(f"/devices remove {this}")
    with pytest.raises(Usage, match="no device 3"):
        ann.run("/devices remove 3")
    with pytest.raises(Usage):
        ann.run("/devices remove two")
    said = ann.run(f"/devices remove {3 - this}")

    assert "logged out" in said[0]
    assert "the secret of your account" in said[1]
    assert len(ann.run("/devices")) == 1
    second.break_off()
    second.start()
    Online(ann.profile.directory / "second", second).run("/recover kept")
    assert second.keys.is_approved


def test_the_keys_of_devices_are_shown(
    ivan: Online, bob: Online, user: Users, name: Names, at: At
) -> None:
    bob.client.say(ivan.me, "hi")
    ivan.current = bob.me

    shown = ivan.run("/fingerprint")

    assert shown == ivan.run(f"/fingerprint {quoted(bob.me)}")
    assert shown[0].startswith(shown_name(bob.me))
    assert bob.client.core.encryption.identity.device.ed25519 in shown[1]
    guest = user(name("guest"), password=None)
    assert "no encryption-capable device" in ivan.run(f"/fingerprint {quoted(guest.name)}")[0]


def test_a_guest_is_told_that_keys_are_for_accounts(user: Users, name: Names, at: At) -> None:
    guest = at(user(name("guest"), password=None))

    for command in ("/devices", "/recovery", "/fingerprint"):
        assert guest.run(command) == ["Guests have no keys."]


def test_a_room_is_encrypted_and_says_what_joiners_read(ivan: Online, name: Names) -> None:
    room = name("#room")
    ivan.run(f"/join {room} open")

    assert ivan.run("/encrypt") == []
    assert ivan.run("/joiners all") == [f"New members of {room} can read older messages."]
    assert ivan.run("/joiners new") == [f"New members of {room} can read messages from then on."]
    row = ivan.client.store.summary(room)
    assert row is not None
    assert (row.encrypted, row.history) == (True, False)
    with pytest.raises(Usage):
        ivan.run("/joiners some")


def test_what_cannot_be_encrypted_is_sent_only_where_the_user_agrees(
    ivan: Online, name: Names, at: At
) -> None:
    room = name("#room")
    ivan.run(f"/join {room}")

    assert ivan.run("/plain") == []
    willing = at(ivan.client, agrees=True)
    willing.current = room
    assert willing.run("/plain") == [
        f"Messages to {room} that cannot be encrypted are sent unencrypted."
    ]
    assert willing.run("/plain off") == [f"Nothing is sent to {room} unencrypted any more."]
    with pytest.raises(Usage):
        willing.run("/plain on")
