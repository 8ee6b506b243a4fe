"""Pages and lists never exceed what a client accepts, whatever strangers and members store."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.crypto.accounts import Secret
from messenger.crypto.identity import Identity
from messenger.crypto.names import user_id
from messenger.crypto.signed import sign
from messenger.server.limits import Limits
from messenger.server.pages import encoded_size, page_of
from tests.running import RunningServer
from tests.server.test_keys import DeviceTalker
from tests.server.test_to_device import send

Names = Callable[[str], str]
Servers = Callable[..., RunningServer]

PAGE = 1_000_000
TO_DEVICE = 48 * 1024
BACKED_UP = 8 * 1024
KEYS = 4 * 1024
MORE = {"more": "z" * KEYS}
JUNK = {"@eve:jim": {"ed25519:x": "z" * 20_000}}


class Reader(DeviceTalker):
    """A device that reconnects; knows how large the last answer was, in bytes."""

    def __init__(self, port: int, name: str) -> None:
        self.size = 0
        super().__init__(port, name, is_new=False)

    def receive(self) -> dict[str, Any]:
        answer = super().receive()
        self.size = len(msgspec.json.encode(answer))
        return answer


def by_device(identity: Identity) -> tuple[str, str, Callable[[bytes], str]]:
    """Return the account, the key and the function with which a device signs."""
    return user_id(identity.account), f"ed25519:{identity.device_id}", identity.sign


def by_master(secret: Secret) -> tuple[str, str, Callable[[bytes], str]]:
    """Return the same of an account's master key."""
    return user_id(secret.account), f"ed25519:{secret.identity.master}", secret._sign_by_master


@given(st.lists(st.integers(0, PAGE + 10), max_size=30))
def test_the_pages_together_have_everything_and_each_fits(sizes: list[int]) -> None:
    rest = list(sizes)
    while rest:
        page = page_of(rest, lambda size: size)
        assert page == rest[: len(page)]
        assert len(page) == 1 or sum(page) <= PAGE
        assert len(page) == len(rest) or sum(rest[: len(page) + 1]) > PAGE
        rest = rest[len(page) :]


def test_a_size_is_that_of_the_json() -> None:
    assert encoded_size(("a", '"\x01')) == len(rb'["a","\"\u0001"]')


@pytest.mark.parametrize("fill", ["A", '"', "🙂", "\x01"])
def test_the_largest_to_device_messages_come_in_pages_that_a_client_accepts(
    server: RunningServer, name: Names, fill: str
) -> None:
    """Also where their JSON is six times as long."""
    message = fill * (TO_DEVICE // 2 // len(fill.encode()))
    with DeviceTalker(server.port, name("Мэллори")) as eve:
        with DeviceTalker(server.port, name("名前")) as ann:
            pass
        for number in range(50):
            assert send(eve, ann.name, f"{number} {message}")["response"] == 200
    found: list[str] = []
    with Reader(server.port, name("名前")) as ann:
        read = 0
        while messages := ann.ask("inbox", after=read).get("to_device"):
            assert ann.size <= PAGE + 1_000
            found += [to_device["message"] for to_device in messages]
            read = messages[-1]["seq"]
    assert found == [f"{number} {message}" for number in range(50)]


def test_a_to_device_message_that_is_too_large_is_refused_to_its_sender_alone(
    server: RunningServer, name: Names
) -> None:
    with DeviceTalker(server.port, name("Иван")) as ivan:
        with DeviceTalker(server.port, name("名前")) as ann:
            pass
        assert send(ivan, ann.name, "🙂" * (TO_DEVICE // 4))["response"] == 200
        refused = send(ivan, ann.name, "with it", "🙂" * (TO_DEVICE // 4) + "!")
        assert refused["response"] == 413
        assert str(TO_DEVICE) in refused["error"]
        assert send(ivan, ann.name, "after it")["response"] == 200
    with Reader(server.port, name("名前")) as ann:
        messages = ann.ask("inbox")["to_device"]
    assert [message["message"] for message in messages] == ["🙂" * (TO_DEVICE // 4), "after it"]


def test_a_key_backup_is_bounded_and_comes_in_pages_that_a_client_accepts(
    server: RunningServer, name: Names
) -> None:
    names = [f"名前 {number:03}" for number in range(300)]
    with DeviceTalker(server.port, name("Иван")) as ivan:
        for start in range(0, len(names), 20):
            keys = dict.fromkeys(names[start : start + 20], "A" * BACKED_UP)
            assert ivan.ask("backup", keys=keys)["response"] == 200
        refused = ivan.ask("backup", keys={"a": "small", "b": "🙂" * (BACKED_UP // 4) + "!"})
        assert refused["response"] == 413
        assert str(BACKED_UP) in refused["error"]
    with Reader(server.port, name("Иван")) as ivan:
        for wanted in ([], ["名前"]):
            found: list[str] = []
            after: str | None = ""
            while after is not None:
                page = ivan.ask("restore", after=after, names=wanted)
                assert ivan.size <= PAGE + 1_000
                found += page["keys"]
                after = page.get("next")
            assert found == names


def test_backups_come_at_a_rate_and_a_large_account_fits_into_one_burst(
    own_server: Servers,
) -> None:
    server = own_server(toml="[limits]\nbackup_burst = 3\nbackup_interval = 1000\n")
    with DeviceTalker(server.port, "Иван") as ivan, DeviceTalker(server.port, "a/b%41") as other:
        answers = [ivan.ask("backup", keys={f"{n}": "key"}) for n in range(4)]
        assert [answer["response"] for answer in answers] == [200, 200, 200, 429]
        assert answers[3]["retry_after"] > 0
        assert ivan.ask("restore")["keys"] == {"0": "key", "1": "key", "2": "key"}
        assert other.ask("backup", keys={"0": "key"})["response"] == 200
    assert Limits().backup_burst * 40 >= 10_000


def test_resets_of_identities_come_at_a_rate(own_server: Servers) -> None:
    """Each one warns everybody who writes to the account."""
    server = own_server(toml="[limits]\nreset_burst = 2\nreset_interval = 1000\n")
    with DeviceTalker(server.port, "Иван 😀") as ivan, DeviceTalker(server.port, "名前") as other:

        def reset(talker: DeviceTalker) -> Any:
            identity = Secret(talker.name).published()
            return talker.ask("publish", identity=identity, reset=True)

        answers = [reset(ivan) for _ in range(3)]
        assert [answer["response"] for answer in answers] == [200, 200, 429]
        assert answers[2]["retry_after"] > 0
        assert reset(other)["response"] == 200


def test_only_signatures_that_others_can_check_are_passed_on(
    server: RunningServer, name: Names
) -> None:
    with DeviceTalker(server.port, name("Иван"), publish=False) as ivan:
        secret, other = Secret(ivan.name), Secret(ivan.name)
        ivan.identity.approve(secret.approve)
        approved = json.loads(ivan.identity.device_keys)
        user = next(iter(approved["signatures"]))
        by_other = json.loads(other.approve(ivan.identity.device_keys))["signatures"][user]
        junk = {**by_other, "ed25519:nobody's": "z" * 20_000}
        spoilt = {**approved, "unsigned": JUNK, "signatures": {user: junk, **JUNK}}
        identity = secret.published()
        spoilt_identity: dict[str, Any] = {
            part: {**keys, "unsigned": JUNK, "signatures": {**keys.get("signatures", {}), **JUNK}}
            for part, keys in identity.items()
        }
        spoilt_identity["another_key"] = JUNK

        for _turn in range(2):  # at the login, too, where the identity is known already
            keys = {"device_keys": spoilt, "identity": spoilt_identity}
            assert ivan.ask("publish", **keys)["response"] == 200
            listed = ivan.devices(ivan.name)
            assert [one["keys"] for one in listed["devices"]] == [approved]
            assert [one["identity"] for one in listed["identities"]] == [identity]
            assert ivan.ask("publish", device_keys=spoilt)["response"] == 200
            assert ivan.devices(ivan.name)["devices"] == listed["devices"]


@pytest.mark.parametrize("length", [10, 64])
def test_published_keys_are_bounded_and_those_of_the_longest_names_fit(
    server: RunningServer, length: int
) -> None:
    name = "🙂" * 23 + str(length)
    with DeviceTalker(server.port, name, "🙂" * length) as ivan:
        secret = Secret(name)
        ivan.identity.approve(secret.approve)
        assert ivan.publish(identity=secret.published())["response"] == 200
        assert ivan.publish_one_time(1)["response"] == 200
        keys, identity = json.loads(ivan.identity.device_keys), secret.published()
        part = "user_signing_key"
        large: list[dict[str, Any]] = [
            {"one_time_keys": {"a": {"key": "z" * KEYS}}},
            {"fallback_keys": {"a": {"key": "z" * KEYS}}},
            {"identity": {**identity, part: sign({**identity[part], **MORE}, *by_master(secret))}},
            {"device_keys": sign({**keys, **MORE}, *by_device(ivan.identity))},
        ]
        for one in large:
            refused = ivan.ask("publish", **one)
            assert (refused["response"], str(KEYS) in refused["error"]) == (413, True), one
        assert ivan.devices(name)["devices"][0]["keys"] == keys


def test_a_stranger_displaces_only_the_strangers_own_to_device_messages(
    own_server: Servers,
) -> None:
    """In the queue of an offline device, a sender's newest messages replace its oldest."""
    limits = "[limits]\nto_device_per_sender = 5\nto_device_bytes_per_sender = 1000\n"
    server = own_server("--limits", "off", toml=limits)
    with DeviceTalker(server.port, "Иван") as ivan, DeviceTalker(server.port, "a/b%41") as eve:
        with DeviceTalker(server.port, "名前") as ann:
            pass
        send(ivan, ann.name, "one", "two")
        for number in range(9):
            send(eve, ann.name, f"junk {number}")
        send(ivan, ann.name, "three")
        assert waiting(server, ann.name) == [
            ("Иван", "one"),
            ("Иван", "two"),
            *[("a/b%41", f"junk {number}") for number in range(4, 9)],
            ("Иван", "three"),
        ]
        for fill in "ABC":
            send(eve, ann.name, "🙂" * 100 + fill)
        assert waiting(server, ann.name) == [
            *[("Иван", text) for text in ("one", "two", "three")],
            *[("a/b%41", "🙂" * 100 + fill) for fill in "BC"],
        ]
        with Reader(server.port, ann.name) as again:
            assert again.ask("inbox")["last"] == 3 + 9 + 3


def waiting(server: RunningServer, name: str) -> list[tuple[str, str]]:
    """Return the to-device messages that wait for a device: from whom, and what."""
    with Reader(server.port, name) as reader:
        return [(one["from"], one["message"]) for one in reader.ask("inbox").get("to_device", [])]
