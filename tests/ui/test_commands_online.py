"""Commands that ask the server: what they do there, and what they tell the user."""

from collections.abc import Callable
from pathlib import Path

import pytest

from messenger.jim.errors import NotFound, WrongPassword
from messenger.jim.rooms import ListMembers
from messenger.sdk.errors import NotOnline
from messenger.sdk.store import IdentityTrust
from messenger.ui.commands.arguments import Usage, quoted
from messenger.ui.wording import shown_name, trust_name
from tests.in_process import InProcessClient, Users
from tests.names import odd_name
from tests.sdk.person import Names
from tests.stretching import PASSWORD
from tests.ui.answers import Answering
from tests.ui.online import Online

At = Callable[..., Online]


@pytest.fixture(scope="module")
def shared_ivan(shared_user: Users) -> InProcessClient:
    return shared_user("Иван с командами")


@pytest.fixture(scope="module")
def shared_bob(shared_user: Users) -> InProcessClient:
    return shared_user("名前/%41")


@pytest.fixture
def ivan(shared_ivan: InProcessClient, tmp_path: Path) -> Online:
    """Somebody before an interface of the test's own, whose account other tests use, too."""
    return Online(tmp_path / "ivan", shared_ivan)


@pytest.fixture
def bob(shared_bob: InProcessClient, at: "At") -> Online:
    """Another one."""
    return at(shared_bob)


@pytest.fixture
def ann(user: Users, name: Names, at: "At") -> Online:
    """Somebody whose account no other test uses."""
    return at(user(name("ann")))


@pytest.fixture
def at(tmp_path: Path) -> At:
    """Put people before an interface: `at(client, agrees=True)`."""
    return lambda client, *answers, **how: Online(
        tmp_path / client.name.replace("/", "_"), client, Answering(answers, **how)
    )


# --- people ------------------------------------------------------------------------------------


def test_a_contact_is_added_listed_and_removed(ivan: Online, bob: Online) -> None:
    shown = shown_name(bob.me)
    assert ivan.run("/contacts") == ["No contacts yet: /add NAME"]

    assert ivan.run(f"/add {quoted(bob.me)}") == [f"{shown} is a contact now"]
    (line,) = ivan.run("/contacts")
    assert shown in line
    assert ivan.run(f"/add {quoted(bob.me)}") == [f"{shown} is already a contact"]
    assert ivan.run(f"/del {quoted(bob.me)}") == [f"{shown} was removed from your contacts"]
    assert ivan.run("/contacts") == ["No contacts yet: /add NAME"]


def test_people_are_found_by_the_start_of_their_name(ivan: Online, bob: Online) -> None:
    assert any(shown_name(bob.me) in line for line in ivan.run(f"/find {bob.me[:3]}"))
    assert any(shown_name(bob.me) in line for line in ivan.run(f"/whois {quoted(bob.me)}"))
    assert ivan.run("/find xyzzy%41") == ["No users found."]
    with pytest.raises(NotFound):
        ivan.run("/whois xyzzy%41")


# --- rooms -------------------------------------------------------------------------------------


def test_a_new_room_says_who_can_read_it(ivan: Online, name: Names) -> None:
    room, other = name("#room"), name("#open")

    assert ivan.run(f"/join {room}") == [f"{room} is a new room, end-to-end encrypted."]
    assert ivan.run(f"/join {other[1:]} open") == [
        f"{other} is a new room, open to guests and other programs."
    ]
    assert ivan.opened == [room, other]
    with pytest.raises(Usage):
        ivan.run(f"/join {room} ajar")


def test_who_joins_an_encrypted_room_is_told_so(ivan: Online, bob: Online, name: Names) -> None:
    room = name("#room")
    ivan.run(f"/join {room}")

    assert bob.run(f"/join {room}") == [f"{room} is end-to-end encrypted."]
    assert bob.run(f"/join {room} open") == [
        f"{room} exists already, and is end-to-end encrypted: guests cannot join it."
    ]


def test_who_leaves_the_open_room_is_in_the_common_chat(ivan: Online, name: Names) -> None:
    room = name("#room")
    ivan.run(f"/join {room}")

    assert ivan.run("/leave") == [f"You have left {room}"]
    assert ivan.current == "#all"


def test_one_may_leave_a_room_that_is_not_open(ivan: Online, name: Names) -> None:
    one, other = name("#one"), name("#other")
    ivan.run(f"/join {one}")
    ivan.run(f"/join {other}")

    ivan.run(f"/leave {one}")

    assert ivan.current == other


def test_rooms_and_their_members_are_listed(ivan: Online, bob: Online, name: Names) -> None:
    room = name("#room")
    for one in (ivan, bob):
        one.run(f"/join {room}")

    assert any(room in line for line in ivan.run("/rooms"))
    members = ivan.run("/who")
    assert len(members) == 2
    assert any(shown_name(bob.me) in line for line in members)
    ivan.open("somebody")
    assert any(shown_name(bob.me) in line for line in ivan.run("/who"))


def test_the_topic_of_a_room_is_set_shown_and_cleared(ivan: Online, name: Names) -> None:
    room = name("#room")
    ivan.run(f"/join {room}")

    assert ivan.run("/topic") == [f"{room} has no topic"]
    assert ivan.run(f"/topic {room} чай и %41") == []
    assert ivan.run("/topic") == [f"The topic of {room}: чай и %41"]
    ivan.run("/topic -")
    assert ivan.run("/topic") == [f"{room} has no topic"]


def test_a_member_is_removed_banned_and_invited_again(
    ivan: Online, bob: Online, name: Names
) -> None:
    room = name("#room")
    shown, quoted_name = shown_name(bob.me), quoted(bob.me)
    for one in (ivan, bob):
        one.run(f"/join {room}")

    ivan.run(f"/kick {quoted_name}")
    assert [one.account_name for one in ivan.client.ask(ListMembers(room=room)).people] == [ivan.me]
    assert ivan.run(f"/ban {room} {bob.me}") == [
        f"{shown} can no longer join {room}; /invite lifts this."
    ]
    assert ivan.run(f"/invite {room} {quoted_name}") == [f"{shown} is invited to {room}"]
    bob.run(f"/join {room}")
    assert len(ivan.client.ask(ListMembers(room=room)).people) == 2


def test_a_room_is_closed_only_if_the_user_agrees(
    shared_ivan: InProcessClient, name: Names, at: At
) -> None:
    room, client = name("#room"), shared_ivan
    undecided, sure = at(client), at(client, agrees=True)
    undecided.run(f"/join {room}")

    assert undecided.run(f"/close {room}") == [f"{room} stays open."]
    sure.current = room
    sure.run(f"/close {room}")

    assert sure.opened == ["#all"]
    assert not any(room in line for line in sure.run("/rooms"))


# --- the account -------------------------------------------------------------------------------


def test_an_absence_is_told_and_ended(ivan: Online) -> None:
    assert ivan.run("/away чай") == ["You are away: /back ends it."]
    assert ivan.run("/back") == ["You are back."]


def test_a_password_is_changed(user: Users, name: Names, at: At) -> None:
    ann = at(user(name("ann")), PASSWORD, "another long password", "another long password")

    assert ann.run("/password show") == ["Your password was not generated: only you know it."]
    assert ann.run("/password") == ["The password is changed"]

    other = user(ann.me, password="another long password", register=False)
    assert other.is_online
    with pytest.raises(WrongPassword):
        user(ann.me, register=False).wait_until_online(0)
    with pytest.raises(Usage):
        ann.run("/password now")


def test_logging_out_ends_the_login_at_the_server(ann: Online) -> None:
    ann.run("/logout")

    assert ann.leaving
    assert ann.goodbye == "You are logged out. Your messages stay on this computer."


def test_logging_out_offline_says_that_the_server_keeps_the_login(ann: Online) -> None:
    ann.client.break_off()

    ann.run("/logout")

    assert "but not from the server" in ann.goodbye
    with pytest.raises(NotOnline):
        ann.run("/rooms")


def test_quit_leaves(ivan: Online) -> None:
    ivan.run("/quit")

    assert ivan.leaving


# --- encryption --------------------------------------------------------------------------------


def acquainted(ivan: Online, user: Users, name: Names, at: At) -> Online:
    """Return somebody who has written to Ivan, and has him open; Ivan has them open."""
    bob = at(user(name("bob")))
    bob.client.say(ivan.me, "hi")
    bob.current, ivan.current = ivan.me, bob.me
    return bob


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
    row = ivan.client.store.conversation(room)
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


def test_everything_is_backed_up_to_a_file(
    shared_bob: InProcessClient, at: At, tmp_path: Path
) -> None:
    file = tmp_path / f"{odd_name('backup', 1).replace('/', '_')}.backup"
    bob = at(shared_bob, "the passphrase", "the passphrase", "", "")

    assert bob.run(f'/backup "{file}"') == [f"The backup is in {file}."]
    assert file.exists()
    assert bob.run(f"/backup {tmp_path / 'other'}") == ["A backup needs a passphrase."]


def test_messages_are_searched_muted_and_sent_again(
    ann: Online, user: Users, name: Names, at: At
) -> None:
    bob = acquainted(ann, user, name, at)

    found = ann.run("/search HI")
    assert "hi" in found[0]
    assert found[1] == "1 message"
    assert ann.run("/mute") == [f"{shown_name(bob.me)} is muted"]
    assert ann.run(f"/mute {quoted(bob.me)}") == [f"{shown_name(bob.me)} is no longer muted"]
    ann.run("/verify yes")
    bob.client.keys.reset()
    ann.client.say(bob.me, "who are you?")
    ann.run("/verify accept")
    assert ann.run("/resend") == ["Sending it again."]
    ann.client.settle()
    assert bob.client.heard(ann.me) == ["who are you?"]
    assert ann.run("/resend") == ["No message has failed here."]


def test_what_is_open_is_marked_as_read(ivan: Online, bob: Online) -> None:
    bob.client.say(ivan.me, "hi")
    ivan.current = bob.me

    ivan.run("/read")

    row = ivan.client.store.conversation(bob.me)
    assert row is not None
    assert row.unread == 0
