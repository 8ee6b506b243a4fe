"""Commands that ask the server: what they do there, and what they tell the user."""

from pathlib import Path

import pytest

from messenger.jim.errors import NotFound, WrongPassword
from messenger.jim.rooms import ListMembers
from messenger.sdk.errors import NotOnline
from messenger.ui.commands.arguments import Usage, quoted
from messenger.ui.wording import shown_name
from tests.in_process import InProcessClient, Users
from tests.names import odd_name
from tests.sdk.person import Names
from tests.stretching import PASSWORD
from tests.ui.online import At, Online, acquainted

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


# --- messages --------------------------------------------------------------------------------


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

    row = ivan.client.store.summary(bob.me)
    assert row is not None
    assert row.unread == 0
