"""Whatever a restored server's log has become, the client's copy becomes the same."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from messenger.jim.errors import Forbidden, TooMany
from messenger.jim.history import GetHistory, HistoryPage, ListConversations
from messenger.jim.messages import Message
from messenger.jim.names import is_room
from messenger.jim.session import Authenticate
from messenger.sdk.errors import ConnectionLost
from messenger.sdk.events import MessagesLost
from messenger.sdk.log_check import LogCheck
from messenger.sdk.store import MessageState, Store
from tests.sdk.playbook import ME, PlayedServer, lasting

BOB, ROOM = "名前", "#кафе"
COUNT = st.integers(0, 4)


class Talk:
    """A conversation at a played server: each message has a time of its own."""

    def __init__(self, server: PlayedServer, where: str) -> None:
        self.server = server
        self.where = where
        self._clock = 0

    def write(self, what: str, count: int) -> list[Message]:
        """Have somebody write, without telling."""
        made = []
        for number in range(count):
            self._clock += 1
            text = f"{what} {number}"
            made.append(self.server.write(self.where, text, BOB, time=float(self._clock)))
        return made

    def go_back(self, kept: int) -> None:
        """Restore the server from a backup that has so many messages."""
        self.server.core.disconnected()
        log = self.server.logs.pop(self.where, [])[:kept]
        # A room is listed without messages, too; a direct chat begins with the first one.
        if log or is_room(self.where):
            self.server.logs[self.where] = log
        self.server.answers[Authenticate] = lambda _: self.server.welcome(log="another")

    @property
    def log(self) -> list[str]:
        """What the server has."""
        return [one.message for one in self.server.logs.get(self.where, [])]

    @property
    def numbered(self) -> list[str]:
        """What the client has with numbers."""
        page = self.server.core.store.page(self.where, limit=1000)
        return [one.text for one in page if one.seq]


@given(st.sampled_from([BOB, ROOM]), COUNT, COUNT, COUNT, COUNT, COUNT)
@example(BOB, 1, 3, 3, 0, 0)  # as long as it was
@example(BOB, 1, 3, 2, 1, 0)  # as long as it was, by a message that arrives before the list
@example(ROOM, 1, 3, 3, 2, 2)
@example(BOB, 0, 2, 0, 0, 0)  # it is not listed any more
@example(ROOM, 0, 1, 0, 0, 0)
@example(ROOM, 0, 1, 0, 0, 1)
def test_the_copy_becomes_the_log_of_a_restored_server(
    where: str, kept: int, lost: int, new: int, early: int, live: int
) -> None:
    with lasting() as server:
        talk = Talk(server, where)
        talk.write("kept", kept)
        talk.write("lost", lost)
        server.connect()
        assert talk.numbered == talk.log

        talk.go_back(kept)
        talk.write("new", new)
        lists = server.answers.pop(ListConversations)
        server.answers[ListConversations] = lambda _: None
        server.connect()
        for message in talk.write("early", early):
            server.say(message)
        server.answers[ListConversations] = lists
        server.run()
        for message in talk.write("live", live):
            server.say(message)

        assert talk.numbered == talk.log
        found = [one.text for one in server.core.store.page(where, limit=1000) if not one.seq]
        assert found == [f"lost {number}" for number in range(lost)]
        server.core.disconnected()
        server.connect()
        assert talk.numbered == talk.log


@given(st.sampled_from([BOB, ROOM]), COUNT, COUNT, COUNT, COUNT, COUNT)
@example(BOB, 2, 0, 0, 2, 0)  # nothing is left to be compared
@example(BOB, 2, 2, 0, 2, 0)  # nor of a log that has become shorter
@example(ROOM, 2, 2, 2, 3, 1)
def test_a_log_whose_beginning_was_removed_is_compared_as_far_as_it_can_be(
    where: str, kept: int, lost: int, new: int, removed: int, live: int
) -> None:
    with lasting() as server:
        talk = Talk(server, where)
        before = talk.write("kept", kept) + talk.write("lost", lost)
        server.connect()
        talk.go_back(kept)
        talk.write("new", new)
        server.removed[where] = removed
        server.connect()
        for message in talk.write("live", live):
            server.say(message)

        for _ in range(2):
            stored = server.core.store.page(where, limit=1000)
            numbers = {one.seq: one.text for one in stored if one.seq}
            for one in server.logs.get(where, []):
                if one.seq > removed:
                    assert numbers[one.seq] == one.message
            assert [numbers[number + 1] for number in range(kept)] == talk.log[:kept]
            assert {one.message for one in before} <= {one.text for one in stored}
            assert max(numbers, default=0) <= len(talk.log)
            server.core.disconnected()
            server.connect()
            server.requests.clear()
            server.run()
            assert server.requests == []


def test_a_room_that_is_not_listed_is_compared_once_a_message_arrives_in_it() -> None:
    with lasting() as server:
        talk = Talk(server, ROOM)
        talk.write("lost", 2)
        server.connect()
        talk.go_back(0)
        del server.logs[ROOM]  # joined after the backup
        server.connect()
        server.say(*talk.write("new", 1))
        assert talk.numbered == ["new 0"]


def test_hundreds_of_lost_messages_are_found_page_by_page() -> None:
    with lasting() as server:
        talk = Talk(server, ROOM)
        talk.write("kept", 50)
        talk.write("lost", 350)
        server.connect()
        server.core.exchange.backfill.fetch_everything()
        server.run()
        talk.go_back(50)
        talk.write("new", 350)
        server.connect()
        assert talk.numbered[-350:] == talk.log[-350:]
        assert server.core.store.synced(ROOM) == 400


def test_the_users_own_are_marked_as_not_sent_and_the_user_is_told() -> None:
    with lasting() as server:
        server.connect()
        server.core.outbox.add(BOB, "mine", 1.0)
        server.core.outbox.send_written()
        server.run()
        Talk(server, BOB).go_back(0)
        server.connect()
        (message,) = server.core.store.page(BOB)
        assert (message.sender, message.state) == (ME, MessageState.FAILED)
        assert MessagesLost(BOB) in server.core.events()


def test_nothing_is_compared_as_long_as_the_log_is_the_same() -> None:
    with lasting() as server:
        talk = Talk(server, BOB)
        talk.write("kept", 3)
        server.connect()
        talk.go_back(3)
        server.connect()
        assert len(server.asked(GetHistory)) > 0
        server.core.disconnected()
        server.connect()
        assert server.asked(GetHistory) == []


@pytest.mark.parametrize("error", [TooMany("slowly"), Forbidden("no")])
def test_what_arrives_waits_for_a_limit_but_not_for_a_refusal(error: Exception) -> None:
    with lasting() as server:
        talk = Talk(server, BOB)
        talk.write("kept", 1)
        talk.write("lost", 1)
        server.connect()
        talk.go_back(1)
        history = server.answers.pop(GetHistory)
        server.answers[GetHistory] = lambda _: error  # type: ignore[return-value]  # both are ProtocolErrors
        server.connect()
        server.say(*talk.write("new", 1))
        # Its number shows that it is another one.
        assert (talk.numbered == ["kept 0", "lost 0"]) is isinstance(error, TooMany)
        server.answers[GetHistory] = history
        server.pass_time(1)
        assert talk.numbered == ["kept 0", "new 0"]
        server.core.disconnected()
        server.connect()
        assert talk.numbered == ["kept 0", "new 0"]


def test_a_server_that_limits_requests_is_asked_again_and_one_that_refuses_is_not() -> None:
    store = Store()
    _with_conversations(store, "анна", "борис", "вера")
    asked: list[str] = []
    check = LogCheck(store, asked.append)
    check.begin("another")
    for name in ("анна", "борис", "вера", "вера"):
        check.add(name)
    assert asked == ["анна"], "one after another"
    check.compared("анна", TooMany("slowly"))
    assert (asked, check.is_pending("анна")) == (["анна"], True)
    check.tick()
    assert asked == ["анна", "анна"]
    check.compared("анна", HistoryPage(200, messages=[], last=0))
    check.compared("борис", Forbidden("no"))
    assert asked == ["анна", "анна", "борис", "вера"]
    assert check.pending() == {"вера"}, "messages of the refused one do not wait for ever"
    check.stop()
    check.compared("вера", ConnectionLost())
    assert LogCheck(store, asked.append).pending() == {"борис", "вера"}
    store.close()


def test_a_comparison_that_was_interrupted_goes_on_with_the_next_start() -> None:
    store = Store()
    _with_conversations(store, "анна", "#кухня")
    asked: list[str] = []
    check = LogCheck(store, asked.append)
    assert not check.begin("")
    assert check.begin("another")
    assert not check.begin("another")
    check.drop("#кухня")
    again = LogCheck(store, asked.append)
    assert not again.begin("another")
    assert again.pending() == {"анна"}
    store.close()


def _with_conversations(store: Store, *names: str) -> None:
    with store.transaction() as connection:
        for name, synced in [*((name, 3) for name in names), ("пусто", 0)]:
            connection.exec_driver_sql(
                "INSERT INTO conversations (name, synced) VALUES (?, ?)", (name, synced)
            )
