"""A server that changes, replays or withholds messages and lists is noticed."""

import json
from pathlib import Path
from typing import Any

import pytest
import vodozemac

from messenger.crypto.identity import PICKLE_KEY
from messenger.jim.devices import PublishKeys
from messenger.sdk import Store
from messenger.sdk.events import MessagesMissing
from messenger.sdk.store import MessageSecurity, MessageState
from tests.sdk.person import Names, People, Person, wait
from tests.sdk.proxy import Frame, LyingProxy


def test_lengths_say_little(person: People, name: Names, liar: LyingProxy) -> None:
    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    texts = ["x" * length for length in (*range(1, 60), 5000, 5010)]
    for text in texts:
        ann.send_text(bob.name, text)
    wait(lambda: bob.heard(ann.name) == texts)

    encrypted = [json.loads(one["message"]) for one in liar.overheard if one.get("action") == "msg"]
    lengths = [len(one["ciphertext"]) for one in encrypted]
    assert len(lengths) == len(texts)
    # 59 lengths, in steps of 16 bytes.
    assert len(set(lengths[:-2])) <= 5
    assert lengths[-1] == lengths[-2]


def is_message(frame: Frame) -> bool:
    return frame.get("action") == "msg" and "seq" in frame


def test_a_message_that_is_replayed_is_noticed(
    person: People, name: Names, liar: LyingProxy
) -> None:
    ann, bob = person(name("ann")), person(name("bob"), liar.port)

    def replay(frame: Frame) -> list[Frame]:
        if not is_message(frame):
            return [frame]
        return [frame, {**frame, "seq": frame["seq"] + 1}]

    liar.lie = replay
    ann.send_text(bob.name, "pay 100")
    wait(lambda: len(bob.all(ann.name)) == 2)

    assert [message.text for message in bob.all(ann.name)] == ["pay 100", ""]
    assert [message.security for message in bob.all(ann.name)] == [
        MessageSecurity.ENCRYPTED,
        MessageSecurity.INVALID,
    ]


def test_withheld_messages_are_noticed(person: People, name: Names, liar: LyingProxy) -> None:
    ann, bob = person(name("ann")), person(name("bob"), liar.port)
    missing: list[str] = []
    bob.on(MessagesMissing)(lambda event: missing.append(event.conversation))
    ann.send_text(bob.name, "first")
    wait(lambda: bob.heard(ann.name) == ["first"])

    def hold_back(frame: Frame) -> list[Frame]:
        if not is_message(frame) or frame["seq"] < 2:
            return [frame]
        return [{**frame, "seq": frame["seq"] - 1}] if frame["seq"] > 2 else []

    liar.lie = hold_back
    ann.send_text(bob.name, "do not come")
    assert ann.wait_until_sent(60)
    ann.send_text(bob.name, "see you")
    wait(lambda: bob.heard(ann.name) == ["first", "see you"])

    wait(lambda: missing == [ann.name])


def test_a_message_is_stored_with_its_ratchet_before_it_is_sent(
    person: People, name: Names, tmp_path: Path
) -> None:
    """A program that ends in between never encrypts with the same key again."""
    bob = person(name("bob"))
    ann = person(name("ann"), store=Store(tmp_path / "ann.db"))
    kept: list[tuple[int, int]] = []
    send = ann.send

    def look(data: bytes, by: Any = None) -> None:
        if b"m.megolm" in data:
            kept.append(as_kept(tmp_path / "ann.db", ann))
        send(data, by)

    ann.send = look  # type: ignore[method-assign]  # to see the bytes that leave
    for number in range(3):
        ann.send_text(bob.name, str(number))
        wait(lambda: str(number) in bob.heard(ann.name))  # noqa: B023  at once

    assert kept == [(1, 1), (1, 2), (1, 3)]


def as_kept(file: Path, ann: Person) -> tuple[int, int]:
    """Return the number of encrypted messages in the file, and the index of the ratchet there."""
    other = Store(file)
    with other.transaction() as connection:
        outgoing = connection.exec_driver_sql("SELECT count(*) FROM outgoing").scalar()
        pickle = connection.exec_driver_sql("SELECT pickle FROM outbound_sessions").scalar()
    other.close()
    session = vodozemac.GroupSession.from_pickle(str(pickle), PICKLE_KEY)
    return int(outgoing or 0), session.message_index


def test_fifty_one_time_keys_and_a_fallback_key_are_at_the_server(
    person: People, name: Names
) -> None:
    ann = person(name("ann"))

    there = ann.ask(PublishKeys())

    assert len(there.one_time_keys) == 50
    assert there.fallback


def test_reordered_messages_are_noticed(person: People, name: Names, liar: LyingProxy) -> None:
    ann, bob = person(name("ann")), person(name("bob"), liar.port)
    ann.send_text(bob.name, "first")
    wait(lambda: bob.heard(ann.name) == ["first"])
    held: list[Frame] = []

    def swap(frame: Frame) -> list[Frame]:
        if not is_message(frame):
            return [frame]
        held.append(frame)
        if len(held) < 2:
            return []
        one, other = held
        return [{**other, "seq": one["seq"]}, {**one, "seq": other["seq"]}]

    liar.lie = swap
    for text in ("yes", "no"):
        ann.send_text(bob.name, text)
    wait(lambda: len(bob.all(ann.name)) == 3)

    assert [message.security for message in bob.all(ann.name)][2] is MessageSecurity.INVALID


@pytest.mark.parametrize("change", ["sender", "conversation", "id", "text", "encoding"])
def test_a_message_that_is_changed_on_its_way_is_noticed(
    person: People, name: Names, liar: LyingProxy, change: str
) -> None:
    ann, bob, eve = person(name("ann")), person(name("bob"), liar.port), name("eve")
    person(eve)
    ann.send_text(bob.name, "first")
    wait(lambda: bob.heard(ann.name) == ["first"])

    def forge(frame: Frame) -> list[Frame]:
        if not is_message(frame):
            return [frame]
        if change == "sender":
            return [{**frame, "from": eve, "seq": 1}]
        if change == "conversation":
            return [{**frame, "to": "#all", "seq": 1}]
        if change == "id":
            return [{**frame, "id": "0192"}]
        if change == "encoding":
            return [{**frame, "encoding": "utf-8"}]
        encrypted = json.loads(frame["message"])
        encrypted["ciphertext"] = encrypted["ciphertext"][:-8] + "AAAAAAAA"
        return [{**frame, "message": json.dumps(encrypted)}]

    liar.lie = forge
    ann.send_text(bob.name, "second")
    where = {"sender": eve, "conversation": "#all"}.get(change, ann.name)
    wait(lambda: any(found.sender in (ann.name, eve) and found.text != "first"
                     for found in bob.all(where)))  # fmt: skip

    found = bob.last(where)
    assert "second" not in found.text
    if change == "encoding":
        assert found.security is MessageSecurity.DOWNGRADED
    else:
        assert found.security is MessageSecurity.INVALID


def test_a_server_that_swaps_a_key_is_noticed_and_nothing_is_encrypted_for_it(
    person: People, name: Names, liar: LyingProxy
) -> None:
    from messenger.crypto.identity import Identity

    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    ann.send_text(bob.name, "one")
    wait(lambda: bob.heard(ann.name) == ["one"])

    def swap(frame: Frame) -> list[Frame]:
        for kind in ("devices", "added"):
            for entry in frame.get(kind, ()):
                if isinstance(entry, dict) and entry.get("account_name") == bob.name:
                    other = Identity(bob.name, entry["device"])
                    entry["keys"] = json.loads(other.device_keys)
        return [frame]

    liar.lie = swap
    ann.core.encryption.device_lists.forget()
    bob.send_text(ann.name, "turn")
    wait(lambda: ann.heard(bob.name) == ["turn"])
    ann.send_text(bob.name, "two")
    wait(lambda: ann.last(bob.name).state is MessageState.FAILED)

    assert ann.last(bob.name).reason
    assert bob.heard(ann.name) == ["one"]


def test_a_list_of_devices_that_is_not_what_it_says_is_refused(
    person: People, name: Names, liar: LyingProxy
) -> None:
    ann, bob = person(name("ann"), liar.port), person(name("bob"))

    def hide(frame: Frame) -> list[Frame]:
        if "devices" in frame and frame.get("version"):
            frame["devices"] = [
                entry for entry in frame["devices"] if entry["account_name"] != bob.name
            ]
        return [frame]

    liar.lie = hide
    ann.send_text(bob.name, "secret")
    wait(lambda: ann.last(bob.name).state is MessageState.FAILED)
    assert "contradicts itself" in str(ann.last(bob.name).failure)


def test_a_server_that_refuses_keys_gets_nothing_in_plain(
    person: People, name: Names, liar: LyingProxy
) -> None:
    bob = person(name("bob"))

    def refuse(frame: Frame) -> list[Frame]:
        if "one_time_keys" in frame or "since" in frame:
            return [{"response": 400, "error": "no keys, please", "id": frame["id"]}]
        return [frame]

    liar.lie = refuse
    ann = person(name("ann"), liar.port)
    ann.send_text(bob.name, "secret")
    wait(lambda: ann.last(bob.name).state is MessageState.FAILED)

    assert "no keys, please" in str(ann.last(bob.name).failure)
    assert "secret" not in json.dumps(liar.overheard)
    assert bob.heard(ann.name) == []
