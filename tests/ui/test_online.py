"""What interfaces share, at a real server in this process: logins, pages, finders, rooms."""

from pathlib import Path

import pytest

from messenger.jim.errors import Conflict, Forbidden
from messenger.jim.messages import TypingNotice
from messenger.jim.rooms import Join, Topic
from messenger.sdk import Store
from messenger.sdk.credentials import Credentials
from messenger.sdk.errors import ServerClosed
from messenger.sdk.events import ConnectionState, StateChanged
from messenger.sdk.store import IdentityTrust
from messenger.ui import finders
from messenger.ui.connection_notices import ConnectionNotices
from messenger.ui.history import History, wait_until_synced
from messenger.ui.login import NameTaken, log_in
from messenger.ui.prompts import AnotherName, NoLogin
from messenger.ui.settings import CHOICES, preference_line
from messenger.ui.wording import empty_text, shown_name, trust_mark
from tests.in_process import InProcessClient, InProcessServer, Users
from tests.sdk.person import Names
from tests.stretching import PASSWORD
from tests.ui.answers import Answering
from tests.ui.online import Online


@pytest.fixture
def newcomer(in_process_server: InProcessServer, name: Names) -> InProcessClient:
    """Somebody whose client has not begun to connect."""
    return InProcessClient(in_process_server, name("new"), Store(), password=None)


@pytest.fixture(scope="module")
def ann(shared_user: Users) -> InProcessClient:
    """Somebody whom tests share."""
    return shared_user("Анна на связи")


@pytest.fixture(scope="module")
def bob(shared_user: Users) -> InProcessClient:
    """Another one."""
    return shared_user("名前: %41")


# --- logging in --------------------------------------------------------------------------------


def test_who_has_an_account_is_asked_for_its_password_until_it_is_right(
    user: Users, newcomer: InProcessClient
) -> None:
    user(newcomer.name).break_off()
    newcomer.start()
    shown: list[str] = []

    assert log_in(newcomer, Answering(["wrong password", PASSWORD]), shown.append, 0)

    assert newcomer.is_online
    # The name is registered; the password is wrong; whom to ask if it is forgotten.
    assert len(shown) == 3
    assert "an administrator can give you a code" in shown[-1]
    newcomer.close()


def test_somebody_new_may_make_an_account(newcomer: InProcessClient) -> None:
    newcomer.core.credentials = Credentials(newcomer.name, PASSWORD)
    newcomer.start()

    assert log_in(newcomer, Answering([""], agrees=True), [].append, 0)

    assert not newcomer.core.is_guest
    newcomer.close()


def test_where_nobody_can_be_asked_the_login_ends(user: Users, newcomer: InProcessClient) -> None:
    user(newcomer.name).break_off()
    newcomer.start()

    with pytest.raises(NoLogin):
        log_in(newcomer, Answering(may_ask=False), [].append, 0)
    newcomer.close()


def test_a_name_that_is_taken_is_told_as_that_or_another_is_chosen(
    user: Users, newcomer: InProcessClient
) -> None:
    user(newcomer.name)
    newcomer.core.credentials = Credentials(newcomer.name, "another password", register=True)
    newcomer.start()
    assert isinstance(newcomer.core.error, Conflict)

    with pytest.raises(NameTaken):
        log_in(newcomer, Answering(), [].append, 0)
    with pytest.raises(AnotherName) as chosen:
        log_in(newcomer, Answering(["名前 2"], may_rename=True), [].append, 0)
    assert str(chosen.value.args[0]) == "名前 2"
    newcomer.close()


# --- history -----------------------------------------------------------------------------------


def test_pages_are_fetched_from_the_server_back_to_the_beginning(user: Users, name: Names) -> None:
    room, ann = name("#room"), user(name("ann"))
    ann.ask(Join(room=room))
    for number in range(130):
        ann.send_text(room, f"{number}")
    ann.settle()
    bob = user(name("bob"))
    bob.ask(Join(room=room))
    wait_until_synced(bob, 5)
    history, numbers = History(bob), []

    page = history.open(room).page
    while page:
        numbers[:0] = [message.seq for message in page]
        page = history.older(room, page[0]).page

    assert numbers == list(range(1, 131))
    assert history.older(room, bob.all(room)[0]).is_start


def test_offline_nothing_is_waited_for(user: Users, name: Names) -> None:
    ann = user(name("ann"))
    ann.break_off()

    wait_until_synced(ann, 5)

    assert not ann.is_online


def test_a_guest_is_told_what_a_guest_sees(ann: InProcessClient, user: Users, name: Names) -> None:
    guest = user(name("guest"), password=None)
    room = name("#room")

    assert empty_text(ann, room) == "No messages yet."
    assert empty_text(guest, room) == "Guests see new messages only."
    guest.core.is_guest = False
    guest.core.is_plain_server = True
    assert empty_text(guest, room) == "This server does not store earlier messages."


# --- finding -----------------------------------------------------------------------------------


def test_people_are_found_at_the_server_and_marked_as_far_as_they_are_trusted(
    ann: InProcessClient, bob: InProcessClient
) -> None:
    ann.say(bob.name, "hi")
    ann.keys.verify(bob.name)
    find = finders.people(list, ann)

    found = dict(find(bob.name[:-1]) or [])

    assert found[bob.name].endswith(trust_mark(IdentityTrust.VERIFIED))


def test_rooms_are_listed_once_and_can_be_made(user: Users, name: Names) -> None:
    room, ann = name("#room"), user(name("ann"))
    ann.ask(Join(room=room))
    ann.ask(Topic(room=room, topic="чай"))
    find = finders.RoomFinder(list, ann)

    lines = dict(find(room) or [])
    assert "чай" in lines[room]
    made = find(f"{room} и ещё") or []
    assert made[-1] == (f"{room} и ещё", f"Make the room {room} и ещё")
    ann.break_off()
    assert dict(find(room) or []) == lines


def test_messages_are_found_by_their_words(ann: InProcessClient, bob: InProcessClient) -> None:
    ann.say(bob.name, "встретимся у фонтана")
    find = finders.MessageFinder(ann.store, None, ann.name)

    ((key, line),) = find("фонтан") or []

    assert key.endswith(bob.name)
    assert "фонтана" in line
    assert find(" ") is None


# --- rooms and the connection ------------------------------------------------------------------


def test_a_connection_that_is_lost_and_comes_back_is_told_once() -> None:
    notices = ConnectionNotices()
    told = [
        notices.of(StateChanged(state, ServerClosed()))
        for state in (
            ConnectionState.ONLINE,
            ConnectionState.OFFLINE,
            ConnectionState.OFFLINE,
            ConnectionState.ONLINE,
        )
    ]
    assert [one and one.text for one in told] == [
        None,
        "The server closed the connection. Reconnecting; messages you write will be sent later.",
        None,
        "Connected again.",
    ]
    notices.of(StateChanged(ConnectionState.OFFLINE, ServerClosed()))
    refused = notices.of(StateChanged(ConnectionState.REFUSED, Forbidden("No")))
    assert refused is not None
    assert refused.text == "Login refused: No"


# --- a user ------------------------------------------------------------------------------------


def test_settings_are_shown_changed_and_kept(ann: InProcessClient, tmp_path: Path) -> None:
    ivan = Online(tmp_path / "ivan", ann)
    assert ivan.run("/set") == [preference_line(ivan.preferences, one) for one in CHOICES]

    for setting, choice in CHOICES.items():
        for value in choice.values:
            (line,) = ivan.run(f"/set {setting} {value}")
            assert line == preference_line(ivan.preferences, setting)
    (refused,) = ivan.run("/set nonsense 7")
    assert "No such setting" in refused


def test_what_a_user_types_is_told_to_the_other_one(
    user: Users, name: Names, tmp_path: Path
) -> None:
    ann, bob = Online(tmp_path / "ann", user(name("ann"))), user(name("bob"))
    bob.say(ann.me, "hi")
    ann.current = bob.name

    ann.typed()

    assert [event.from_ for event in bob.of(TypingNotice)] == [ann.me]
    assert ann.known_names() == [bob.name, "#all"]
    assert shown_name(bob.name) in ann.run("/search hi")[0]
