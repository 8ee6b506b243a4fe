"""To-device messages that are lost, late or doubled do no lasting harm."""

from pathlib import Path

import pytest

from messenger.jim.rooms import Join, ShowHistory
from messenger.sdk import MessageReceived, Store
from messenger.sdk.encryption.olm_sessions import Content
from messenger.sdk.events import MessageDecrypted
from messenger.sdk.store import MessageSecurity
from tests.running import RunningServer
from tests.sdk.person import Names, People, wait
from tests.sdk.proxy import Frame, LyingProxy
from tests.sdk.test_changed_messages import is_message
from tests.sdk.test_encryption import honest


def test_a_device_that_the_server_slips_in_is_announced(
    person: People, name: Names, one_server: RunningServer
) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    ann.send_text(bob.name, "one")
    wait(lambda: bob.heard(ann.name) == ["one"])
    person(name("bob"), register=False)
    ann.send_text(bob.name, "two")
    wait(lambda: "two" in bob.heard(ann.name))

    wait(lambda: ann.appeared == [bob.name])


def test_a_one_time_key_that_is_handed_out_twice_costs_nothing(
    person: People, name: Names, liar: LyingProxy, one_server: RunningServer
) -> None:
    bob = person(name("bob"))
    claimed: list[Frame] = []

    def same(frame: Frame) -> list[Frame]:
        for key in frame.get("keys", ()) if isinstance(frame.get("keys"), list) else ():
            if key["account_name"] == bob.name:
                claimed.append(dict(key))
                key.update(claimed[0])
        return [frame]

    liar.lie = same
    for one in ("ann", "eve"):
        other = person(name(one), liar.port)
        other.send_text(bob.name, f"from {one}")
        wait(lambda: bob.heard(other.name) == [f"from {one}"])  # noqa: B023  at once
    assert len(claimed) >= 2


def test_to_device_messages_that_are_lost_are_asked_for_again(
    person: People, name: Names, liar: LyingProxy
) -> None:
    ann, bob = person(name("ann")), person(name("bob"), liar.port)
    opened: list[str] = []
    bob.on(MessageDecrypted)(lambda event: opened.append(event.message.text))
    waited: list[MessageSecurity] = []
    bob.on(MessageReceived)(lambda event: waited.append(event.message.security))
    lost = 0

    def lose(frame: Frame) -> list[Frame]:
        nonlocal lost
        if frame.get("action") == "to_device" and not lost:
            lost += 1
            # As if it had never been: the next one has its number.
            frame["message"]["message"] = "{}"
        return [frame]

    liar.lie = lose
    ann.send_text(bob.name, "whose key is lost")
    wait(lambda: bob.heard(ann.name) == ["whose key is lost"])

    assert lost == 1
    wait(lambda: waited == [MessageSecurity.WAITING])
    wait(lambda: opened == ["whose key is lost"])


def test_to_device_messages_may_come_twice_or_late(
    person: People, name: Names, liar: LyingProxy
) -> None:
    ann, bob = person(name("ann")), person(name("bob"), liar.port)
    held: list[Frame] = []

    def shuffle(frame: Frame) -> list[Frame]:
        if frame.get("action") == "to_device" and not held:
            held.append(frame)
            return []
        if is_message(frame) and len(held) == 1:
            held.append({})
            return [frame, held[0], held[0]]
        return [frame]

    liar.lie = shuffle
    ann.send_text(bob.name, "late")
    wait(lambda: bob.heard(ann.name) == ["late"])
    bob.send_text(ann.name, "answer")
    wait(lambda: ann.heard(bob.name) == ["answer"])
    ann.send_text(bob.name, "and on")
    wait(lambda: bob.heard(ann.name) == ["late", "and on"])


def test_more_to_device_messages_are_lost_than_a_chain_keeps_keys_for(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """A ratchet stores 40 keys for late messages: beyond that a session is replaced."""
    ann, bob = person(name("ann")), person(name("bob"), liar.port)
    ann.send_text(bob.name, "begin")
    wait(lambda: bob.heard(ann.name) == ["begin"])
    bob.send_text(ann.name, "answer")
    wait(lambda: ann.heard(bob.name) == ["answer"])

    def lose(frame: Frame) -> list[Frame]:
        if frame.get("action") == "to_device":
            frame["message"]["message"] = "{}"
        return [frame]

    liar.lie = lose
    device = bob.core.encryption.identity.device
    done: list[object] = []
    for _ in range(45):
        with ann._lock:
            message = Content(device, "m.dummy", {})
            ann.core.encryption.olm_sessions.send([message], done.append)
            ann._woken.set()
    wait(lambda: len(done) == 45)
    liar.lie = honest
    ann.send_text(bob.name, "after the gap")

    wait(lambda: "after the gap" in bob.heard(ann.name), 40)


def test_a_session_that_is_broken_is_replaced(person: People, name: Names, tmp_path: Path) -> None:
    """Bob returns with yesterday's database: ratchets have advanced without him."""
    ann = person(name("ann"))
    first = Store(tmp_path / "bob.db")
    bob = person(name("bob"), store=first)
    ann.send_text(bob.name, "one")
    wait(lambda: bob.heard(ann.name) == ["one"])
    bob.send_text(ann.name, "two")
    wait(lambda: ann.heard(bob.name) == ["two"])
    bob.close()
    first.close()
    old = (tmp_path / "bob.db").read_bytes()
    bob = person(name("bob"), store=Store(tmp_path / "bob.db"))
    for number in range(5):
        ann.send_text(bob.name, f"ping {number}")
        wait(lambda: bob.heard(ann.name)[-1] == f"ping {number}")  # noqa: B023  at once
        bob.send_text(ann.name, f"pong {number}")
        wait(lambda: ann.heard(bob.name)[-1] == f"pong {number}")  # noqa: B023  at once
    bob.close()
    bob.store.close()
    for file in tmp_path.glob("bob.db-*"):
        file.unlink()
    (tmp_path / "bob.db").write_bytes(old)

    bob = person(name("bob"), store=Store(tmp_path / "bob.db"))
    ann.send_text(bob.name, "are you there?")
    wait(lambda: "are you there?" in bob.heard(ann.name))
    bob.send_text(ann.name, "yes")
    wait(lambda: ann.heard(bob.name)[-1] == "yes")
    wait(lambda: {message.security for message in bob.all(ann.name)} == {MessageSecurity.ENCRYPTED})


@pytest.mark.parametrize("shown", [True, False])
def test_who_joins_reads_what_was_written_before_where_the_room_shows_it(
    person: People, name: Names, tmp_path: Path, *, shown: bool
) -> None:
    room = name("#room")
    ann, bob = person(name("ann")), person(name("bob"))
    eve = person(name("eve"), store=Store(tmp_path / "eve.db"))
    for one in (ann, bob):
        one.ask(Join(room=room))
    ann.ask(ShowHistory(room=room, shown=shown))
    for number in range(3):
        ann.send_text(room, f"ann {number}")
        wait(lambda: f"ann {number}" in bob.heard(room))  # noqa: B023  at once
        bob.send_text(room, f"bob {number}")
        wait(lambda: f"bob {number}" in ann.heard(room))  # noqa: B023  at once
    eve.ask(Join(room=room))
    wait(lambda: len(eve.all(room)) == 6)

    ann.send_text(room, "welcome")

    wait(lambda: "welcome" in eve.heard(room))
    before = [f"{who} {number}" for number in range(3) for who in ("ann", "bob")]
    if shown:
        wait(lambda: eve.heard(room) == [*before, "welcome"])
    else:
        assert eve.heard(room) == [""] * 6 + ["welcome"]
