"""A stranger's undecryptable messages do not make a client fetch or ask without limit."""

import json
from collections import Counter
from types import SimpleNamespace
from typing import Any

from messenger.crypto.identity import Identity
from messenger.sdk.encryption.key_requests import KeyRequests
from messenger.sdk.encryption.retries import Retries
from messenger.sdk.store import MessageSecurity
from tests.running import RunningServer
from tests.sdk.person import Names, People, wait
from tests.sdk.proxy import Frame, LyingProxy
from tests.server.test_keys import DeviceTalker

MEGOLM = "m.megolm.v1.aes-sha2"


def send_junk(stranger: DeviceTalker, to: str, sessions: list[str]) -> None:
    """Send messages that look encrypted, each by the session that is named."""
    version = stranger.devices(to)["version"]
    encrypted = {"algorithm": MEGOLM, "ciphertext": "AAAA", "sender_key": "k", "device_id": "none"}
    for session in sessions:
        message = json.dumps({**encrypted, "session_id": session})
        keys = {"message": message, "encoding": MEGOLM, "devices": version, "id": session[:50]}
        stranger.send("msg", to=to, **keys)
    stranger.receive_all()


def asked(liar: LyingProxy, action: str) -> list[Frame]:
    return [frame for frame in liar.overheard if frame.get("action") == action]


def names_in(frames: list[Frame]) -> Counter[str]:
    return Counter(name for frame in frames for name in frame["names"])


def test_junk_makes_a_client_fetch_no_whole_backup_and_no_list_for_each_message(
    person: People, name: Names, liar: LyingProxy, one_server: RunningServer
) -> None:
    ann = person(name("Иван"), liar.port)
    wait(lambda: ann.keys.is_approved)
    with DeviceTalker(one_server.port, name("a/b%41 🙂")) as stranger:
        send_junk(stranger, ann.name, ["first"])
        wait(lambda: asked(liar, "restore"))
        liar.overheard.clear()
        send_junk(stranger, ann.name, [f"junk {number}" for number in range(300)])
        wait(lambda: len(ann.all(stranger.name)) == 301)
        wait(lambda: asked(liar, "restore"))
        mine = ann.send_text(stranger.name, "what is this?")
        wait(lambda: ann.store.count_unsent() == 0)

    assert {one.security for one in ann.all(stranger.name) if one.id != mine.id} == {
        MessageSecurity.WAITING
    }
    restored = names_in(asked(liar, "restore"))
    assert set(restored.values()) == {1}
    assert len(restored) <= 200
    assert len(asked(liar, "devices")) <= 10
    assert len(asked(liar, "inbox")) <= 20


def test_a_session_name_that_no_session_has_is_not_asked_for(
    person: People, name: Names, liar: LyingProxy, one_server: RunningServer
) -> None:
    """It would be stored and sent to others, however long it is."""
    ann = person(name("Иван"), liar.port)
    with DeviceTalker(one_server.port, name("a/b%41 🙂")) as stranger:
        send_junk(stranger, ann.name, ["long" * 5_000, "\n" * 60])
        wait(lambda: len(ann.all(stranger.name)) == 2)

    assert [one.security for one in ann.all(stranger.name)] == [
        MessageSecurity.INVALID,
        MessageSecurity.INVALID,
    ]
    assert ann.core.encryption.keys.waiting_sessions() == []


def test_what_another_device_has_backed_up_is_found_by_its_name_among_junk(
    person: People, name: Names, liar: LyingProxy, one_server: RunningServer
) -> None:
    """Also if the stranger names the very session that is missing."""
    ann, bob = person(name("ann")), person(name("名前"))
    second = person(ann.name, liar.port, register=False)
    ann.keys.approve(second.keys.approval_code)
    wait(lambda: second.keys.is_approved)
    restored: list[set[str]] = []

    def lie(frame: Frame) -> list[Frame]:
        if isinstance(frame.get("keys"), dict):
            restored.append(set(frame["keys"]))
        return without_keys(frame)

    liar.lie = lie
    bob.send_text(ann.name, "lost for one")
    wait(lambda: ann.heard(bob.name) == ["lost for one"])
    bob.close()
    wait(lambda: second.all(bob.name))
    (missing,) = second.core.encryption.keys.waiting_sessions()
    with DeviceTalker(one_server.port, name("eve")) as stranger:
        send_junk(stranger, ann.name, [missing.session_id, *map(str, range(100))])
        wait(lambda: len(second.all(stranger.name)) == 101)
    wait(lambda: not ann.core.encryption.keys.not_backed_up(1))
    second.core.encryption.account.backup.stop()
    second.core.encryption._requests.forget()
    second.core.encryption._requests._rounds.clear()  # as if that time were over

    wait(lambda: second.heard(bob.name) == ["lost for one"])
    assert {one.partition(" ")[0] for one in restored[-1]} == {missing.session_id}


def without_keys(frame: Frame) -> list[Frame]:
    """Spoil the to-device messages."""
    if frame.get("action") == "to_device":
        frame["message"]["message"] = "{}"
    for message in frame.get("to_device", ()):
        message["message"] = "{}"
    return [frame]


def test_what_is_not_found_is_asked_for_again_after_longer_and_longer_pauses() -> None:
    retries = Retries(first=10, longest=25)
    times = []
    for now in range(100):
        if retries.is_due("名前", now):
            times.append(now)
            retries.note("名前", now)

    assert times == [0, 10, 30, 55, 80]


def test_of_what_is_asked_for_only_so_much_is_remembered() -> None:
    retries = Retries(first=10, longest=25, max_names=3)
    for number in range(1000):
        retries.note(f"junk {number}", number)

    assert len(retries._asked) == 3
    assert not retries.is_due("junk 999", 1000)


def test_what_waits_is_not_looked_through_all_the_time_however_much_junk_is_in_it() -> None:
    now, looks = 1000.0, 0

    def waiting_sessions() -> list[object]:
        nonlocal now, looks
        now, looks = now + 0.4, looks + 1
        return []

    parts: Any = SimpleNamespace(
        keys=SimpleNamespace(waiting_sessions=waiting_sessions, changes=0),
        identity=Identity("Иван", "D1"),
        trust=SimpleNamespace(is_approved=True),
    )
    requests = KeyRequests(parts, parts, parts, parts, lambda: now)
    while now < 1100:
        parts.keys.changes += 1  # a message arrives
        requests.are_due()
        now += 0.01

    assert 5 < looks < 15
