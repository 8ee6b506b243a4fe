"""A server, or anybody, that wants a conversation to look encrypted, or to be no longer."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from messenger.crypto.devices import MEGOLM
from messenger.jim.events import RoomChanged
from messenger.jim.names import EVERYONE
from messenger.jim.requests import Join
from messenger.sdk import Store
from messenger.sdk.store import Lock, MessageState
from tests.running import RunningServer, Talker, running
from tests.sdk.proxy import Frame, LyingProxy
from tests.sdk.test_encryption import Names, People, Person, wait


@pytest.fixture(scope="module")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running(tmp_path_factory.mktemp("server"), "--limits", "off") as server:
        yield server


@pytest.fixture
def person(one_server: RunningServer, tmp_path: Path) -> Iterator[People]:
    """Make clients with a database each: `person("ann")`; they are closed after the test."""
    made: list[Person] = []

    def make(name: str, port: int = 0, **more: bool) -> Person:
        store = Store(tmp_path / f"{len(made)}.db")
        made.append(Person(name, port or one_server.port, store, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def liar(one_server: RunningServer) -> Iterator[LyingProxy]:
    proxy = LyingProxy(one_server.port, lambda frame: [frame])
    yield proxy
    proxy.close()


def is_encrypted(client: Person, conversation: str) -> bool:
    row = client.store.conversation(conversation)
    return row is not None and row.sealed


# --- what only looks encrypted ------------------------------------------------------------------

JUNK = {
    "encoding": MEGOLM,
    "message": json.dumps({"algorithm": MEGOLM, "ciphertext": "x", "session_id": "y"}),
}


def as_junk(frame: Frame) -> list[Frame]:
    """Have what says "junk" look as if it were encrypted."""
    for one in (frame, *frame.get("messages", ())):
        if one.get("message") == "junk":
            one.update(JUNK)
    return [frame]


@pytest.mark.parametrize("where", ["room", "person", "all"])
def test_junk_makes_no_conversation_look_encrypted(
    person: People, name: Names, liar: LyingProxy, one_server: RunningServer, where: str
) -> None:
    """Nor is what comes plain after it marked, nor refused what is written there."""
    liar.lie = as_junk
    ann = person(name("a/b%41"), liar.port)
    with Talker(one_server.port) as guest:
        guest.guest_fully(name("гость 🙂"))
        room = name("#名前")
        ann.ask(Join(room=room, encrypted=False))
        guest.ask("join", room=room)
        shown = {"room": room, "person": guest.name, "all": EVERYONE}[where]
        for text in ("before", "junk", "after"):
            guest.ask("msg", to=ann.name if where == "person" else shown, message=text)
        wait(lambda: [one for one in ann.all(shown) if one.text == "after"])

        mine = [one for one in ann.all(shown) if one.sender == guest.name]
        assert [one.lock for one in mine][::2] == [Lock.OPEN, Lock.OPEN]
        assert not mine[1].is_proved
        assert not is_encrypted(ann, shown)
        ann.send_text(shown, "an answer")
        wait(lambda: ann.last(shown).state is not MessageState.UNSENT)
        assert ann.last(shown).state is MessageState.SENT


def test_the_common_chat_is_never_shown_as_encrypted(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """Whatever the server says of it."""

    def lie(frame: Frame) -> list[Frame]:
        for one in frame.get("conversations", ()):
            one["encrypted"] = True
        return [frame]

    liar.lie = lie
    ann = person(name("ann"), liar.port)
    heard: list[object] = []
    ann.on(RoomChanged)(heard.append)
    wait(lambda: ann.store.get("listed"))
    liar.say({"action": "room", "time": 1, "room": EVERYONE, "change": "encrypted"})
    wait(lambda: heard)

    assert not is_encrypted(ann, EVERYONE)
    ann.send_text(EVERYONE, "good morning")
    wait(lambda: ann.last(EVERYONE).state is MessageState.SENT)
