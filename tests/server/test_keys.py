"""Keys of devices: device lists, one-time keys, and to-device messages."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from messenger.crypto.devices import parse_device, parse_one_time_key, version_of
from messenger.crypto.identity import Identity
from messenger.crypto.signed import SignatureError
from tests.running import PASSWORD, RunningServer, Talker, until

Names = Callable[[str], str]
Servers = Callable[..., RunningServer]
FEATURES = ["numbers", "events", "encryption"]


class DeviceTalker(Talker):
    """A plain client that has keys; one that is not new has registered and published before."""

    def __init__(
        self,
        port: int,
        name: str,
        device_id: str = "D1",
        *,
        publish: bool = True,
        is_new: bool = True,
    ) -> None:
        super().__init__(port)
        self.name = name
        self.identity = Identity(name, device_id)
        if is_new:
            self.register_quickly(name)
        assert self.log_in_as(device_id)["response"] == 200
        if publish and is_new:
            assert self.publish()["response"] == 200

    def log_in_as(self, device_id: str) -> dict[str, Any]:
        return self.ask(
            "authenticate",
            user={"account_name": self.name, "password": PASSWORD},
            jim=2,
            features=FEATURES,
            device={"id": device_id},
        )

    def publish(self, **more: Any) -> dict[str, Any]:
        return self.ask("publish", device_keys=json.loads(self.identity.device_keys), **more)

    def publish_one_time(self, count: int) -> dict[str, Any]:
        keys = self.identity.new_one_time_keys(count)
        self.identity.published()
        return self.publish(one_time_keys={name: json.loads(key) for name, key in keys.items()})

    def devices(self, conversation: str) -> dict[str, Any]:
        return self.ask("devices", conversation=conversation)

    def claim(self, account: str, device_id: str = "D1") -> list[dict[str, Any]]:
        return list(
            self.ask("claim", devices=[{"account_name": account, "device": device_id}]).get(
                "keys", []
            )
        )

    def encrypt(self, to: str, version: str, **keys: Any) -> dict[str, Any]:
        return self.ask(
            "msg", to=to, message="{}", encoding="m.megolm.v1.aes-sha2", devices=version, **keys
        )


def dumps(value: Any) -> bytes:
    return json.dumps(value).encode()


def named(answer: dict[str, Any]) -> list[str]:
    return [f"{one['account_name']} {one['device']}" for one in answer.get("devices", [])]


def test_the_devices_of_both_people_of_a_chat_are_listed_with_their_keys(
    server: RunningServer, name: Names
) -> None:
    ann, bob = name("ann"), name("bob")
    with DeviceTalker(server.port, ann) as one, DeviceTalker(server.port, bob) as other:
        answer = one.devices(bob)

        assert named(answer) == sorted([f"{ann} D1", f"{bob} D1"])
        assert "plain" not in answer
        for entry in answer["devices"]:
            parse_device(entry["account_name"], entry["device"], dumps(entry["keys"]))
        assert answer["version"] == other.devices(ann)["version"]
        assert answer["version"] == version_of(
            [(ann, "D1", one.identity.ed25519), (bob, "D1", other.identity.ed25519)], [], []
        )


def test_keys_that_the_device_has_not_signed_are_refused(
    server: RunningServer, name: Names
) -> None:
    with DeviceTalker(server.port, name("ann"), publish=False) as ann:
        keys = json.loads(ann.identity.device_keys)
        for spoil in (
            {"device_id": "D2"},
            {"user_id": "@eve:jim"},
            {"signatures": {}},
            {"keys": {}},
            {"algorithms": []},
        ):
            assert ann.ask("publish", device_keys={**keys, **spoil})["response"] == 400
        for garbage in ([], "x", 1, {}, {"keys": 1}):
            assert ann.ask("publish", device_keys=garbage)["response"] == 400
        assert named(ann.devices(name("ann"))) == []


def test_guests_have_no_keys(server: RunningServer, name: Names) -> None:
    with Talker(server.port) as guest:
        guest.guest_fully(name("guest"))
        assert guest.ask("publish")["response"] == 403
        assert guest.ask("inbox")["response"] == 403


def test_a_one_time_key_is_handed_out_once_then_the_fallback_key(
    own_server: Servers, name: Names
) -> None:
    server = own_server("--limits", "off")
    with DeviceTalker(server.port, "ann") as ann, DeviceTalker(server.port, "bob") as bob:
        assert len(bob.publish_one_time(3)["one_time_keys"]) == 3
        claimed = [ann.claim("bob") for _ in range(4)]
        assert claimed[3] == []
        ids = [found[0]["id"] for found in claimed[:3]]
        assert len(set(ids)) == 3
        for found in claimed[:3]:
            parse_one_time_key(bob.identity.device, dumps(found[0]["key"]))
            with pytest.raises(SignatureError):
                parse_one_time_key(ann.identity.device, dumps(found[0]["key"]))

        fallback = bob.identity.new_fallback_key()
        keys = {name: json.loads(key) for name, key in fallback.items()}
        answer = bob.publish(fallback_keys=keys)
        assert answer["fallback"] == next(iter(keys))
        assert "one_time_keys" not in answer
        assert [ann.claim("bob")[0]["key"] for _ in range(2)] == [next(iter(keys.values()))] * 2
        assert ann.claim("bob", "D2") == ann.claim("nobody") == []


def test_a_claimed_key_is_not_accepted_again_and_none_is_replaced(own_server: Servers) -> None:
    server = own_server("--limits", "off")
    with DeviceTalker(server.port, "ann") as ann, DeviceTalker(server.port, "bob") as bob:
        keys = {key: json.loads(value) for key, value in bob.identity.new_one_time_keys(2).items()}
        bob.publish(one_time_keys=keys)
        claimed = ann.claim("bob")[0]["id"]
        other = next(one for one in keys if one != claimed)
        assert bob.publish(one_time_keys=keys)["one_time_keys"] == [other]
        assert bob.publish(one_time_keys={other: {"key": "another"}})["response"] == 409
        assert bob.publish(one_time_keys={claimed: {"key": "another"}})["one_time_keys"] == [other]


def test_keys_that_a_device_cannot_use_any_more_are_replaced(own_server: Servers) -> None:
    server = own_server("--limits", "off")
    with DeviceTalker(server.port, "ann") as ann, DeviceTalker(server.port, "bob") as bob:
        old = bob.publish_one_time(3)["one_time_keys"]
        claimed = ann.claim("bob")[0]["id"]

        key = {"key": "of the new days"}
        new = {"new": key, claimed: key, next(one for one in old if one != claimed): key}
        left = bob.publish(one_time_keys=new, replace=True)["one_time_keys"]

        assert sorted(left) == sorted(new.keys() - {claimed})
        assert {ann.claim("bob")[0]["key"]["key"] for _ in range(2)} == {"of the new days"}
        assert ann.claim("bob") == []


def test_a_device_has_no_more_one_time_keys_than_allowed(
    server: RunningServer, name: Names
) -> None:
    with DeviceTalker(server.port, name("ann")) as ann:
        for start in (0, 60):
            keys = {f"key {number}": {"key": "x"} for number in range(start, start + 60)}
            answer = ann.publish(one_time_keys=keys)
        assert answer["response"] == 400
        assert len(ann.publish()["one_time_keys"]) == 60


def test_too_frequent_claims_get_the_fallback_key(own_server: Servers) -> None:
    server = own_server(toml="[limits]\nclaim_burst = 2\nclaim_interval = 600\n")
    with DeviceTalker(server.port, "ann") as ann, DeviceTalker(server.port, "bob") as bob:
        bob.publish_one_time(5)
        fallback = bob.identity.new_fallback_key()
        bob.publish(fallback_keys={key: json.loads(value) for key, value in fallback.items()})

        claimed = [ann.claim("bob")[0]["id"] for _ in range(4)]

        assert claimed[2:] == [next(iter(fallback))] * 2
        assert len(bob.publish()["one_time_keys"]) == 3


def test_an_account_that_renames_its_devices_gets_no_more_one_time_keys(
    own_server: Servers,
) -> None:
    """A stranger cannot use up the keys with which others begin sessions."""
    server = own_server(toml="[limits]\nclaim_burst = 2\nclaim_interval = 600\n")
    with DeviceTalker(server.port, "名前") as bob, DeviceTalker(server.port, "ann") as ann:
        bob.publish_one_time(10)
        fallback = bob.identity.new_fallback_key()
        bob.publish(fallback_keys={key: json.loads(value) for key, value in fallback.items()})
        with DeviceTalker(server.port, "Иван", "first", publish=False) as liar:
            liar.claim("名前")
        for number in range(3):
            with DeviceTalker(server.port, "Иван", f"device {number}", is_new=False) as link:
                claimed = link.claim("名前")
        assert claimed[0]["id"] == next(iter(fallback))
        assert ann.claim("名前")[0]["id"] not in fallback
        assert len(bob.publish()["one_time_keys"]) == 10 - 2 - 1


def test_a_message_encrypted_for_an_old_device_list_is_refused_with_the_changes(
    server: RunningServer, name: Names
) -> None:
    ann, bob = name("ann"), name("bob")
    with DeviceTalker(server.port, ann) as one, DeviceTalker(server.port, bob) as other:
        version = one.devices(bob)["version"]
        assert one.encrypt(bob, version, id="1")["seq"] == 1
        assert other.event("msg")["encoding"] == "m.megolm.v1.aes-sha2"

        with DeviceTalker(server.port, bob, "D2") as second:
            refused = one.encrypt(bob, version, id="2")
            assert refused["response"] == 409
            assert named({"devices": refused["added"]}) == [f"{bob} D2"]
            assert one.encrypt(bob, refused["version"], id="2")["seq"] == 2
            newer = refused["version"]
            assert second.ask("logout")["response"] == 200
        refused = one.encrypt(bob, newer, id="3")
        assert refused["response"] == 409
        assert refused["removed"] == [{"account_name": bob, "device": "D2"}]
        assert refused["version"] == version
        assert one.encrypt(bob, version, id="3")["seq"] == 3
        assert one.encrypt(bob, "garbage", id="4")["version"] == version


def test_rooms_list_their_members_devices_and_members_without_any(
    server: RunningServer, name: Names
) -> None:
    ann, bob, eve, room = name("ann"), name("bob"), name("eve"), name("#room")
    with DeviceTalker(server.port, ann) as one, DeviceTalker(server.port, bob) as other:
        one.ask("join", room=room, encrypted=False)
        alone = one.devices(room)
        assert named(alone) == [f"{ann} D1"]
        other.ask("join", room=room)
        both = one.devices(room)
        assert one.encrypt(room, alone["version"])["version"] == both["version"]
        with Talker(server.port) as guest:
            guest.guest_fully(eve)
            guest.ask("join", room=room)
            mixed = one.devices(room)
            assert mixed["plain"] == [eve]
            assert one.encrypt(room, both["version"])["plain"] == [eve]
        until(lambda: "plain" not in one.devices(room))
        assert one.encrypt(room, both["version"])["response"] == 200
        one.ask("kick", room=room, account_name=bob)
        assert one.encrypt(room, both["version"])["version"] == alone["version"]
        assert one.devices("#all")["response"] == 400


def test_a_plain_client_is_told_that_a_message_is_encrypted(
    server: RunningServer, name: Names
) -> None:
    ann, bob = name("ann"), name("bob")
    with DeviceTalker(server.port, ann) as one, DeviceTalker(server.port, bob) as other:
        other.close()
        with Talker(server.port) as plain:
            plain.name = bob
            plain.ask("authenticate", user={"account_name": bob, "password": PASSWORD})
            one.encrypt(bob, one.devices(bob)["version"])
            # What other tests write to everybody comes, too.
            while (message := plain.event("msg"))["from"] != ann:
                pass
            assert message["encoding"] == "utf-8"
            assert "encrypted" in message["message"]
        one.encrypt(bob, one.devices(bob)["version"])
        with Talker(server.port, newline=False) as plain:
            plain.ask("authenticate", user={"account_name": bob, "password": PASSWORD})
            assert "encrypted" in plain.event("msg")["message"]


def test_a_room_may_accept_only_encrypted_messages(server: RunningServer, name: Names) -> None:
    ann, bob, room = name("ann"), name("bob"), name("#room")
    with DeviceTalker(server.port, ann) as one, DeviceTalker(server.port, bob) as other:
        one.ask("join", room=room, encrypted=False)
        other.ask("join", room=room)
        with Talker(server.port) as guest:
            guest.guest_fully(name("guest"))
            assert guest.ask("join", room=room)["response"] == 200
            assert other.ask("encrypt_room", room=room)["response"] == 403
            assert one.ask("encrypt_room", room=room)["response"] == 200
            assert guest.ask("msg", to=room, message="plain")["response"] == 404
            assert guest.ask("join", room=room)["response"] == 403
        assert other.event("room")["change"] in ("joined", "encrypted")
        assert one.ask("msg", to=room, message="plain")["response"] == 403
        listed = one.devices(room)
        assert "plain" not in listed
        assert one.encrypt(room, listed["version"])["response"] == 200
        summaries = one.ask("conversations")["conversations"]
        assert next(found for found in summaries if found["conversation"] == room)["encrypted"]
    with Talker(server.port) as plain:
        plain.register(name("eve"))
        plain.log_in(name("eve"))
        assert plain.ask("join", room=room)["response"] == 403


JUNK = {"message": '{"ciphertext": "x"}', "encoding": "m.megolm.v1.aes-sha2"}


def test_an_encrypted_message_is_refused_where_not_everybody_can_decrypt_it(
    server: RunningServer, name: Names
) -> None:
    """Else one message of a guest would have every client take a conversation for encrypted."""
    ann, bob, room = name("a/b%41"), name("боб"), name("#名前")
    with DeviceTalker(server.port, ann) as one, Talker(server.port) as guest:
        guest.guest_fully(name("guest 🙂"))
        with Talker(server.port) as plain:
            plain.register(bob)
        one.ask("join", room=room, encrypted=False)
        guest.ask("join", room=room)

        for to in (room, bob, guest.name):
            refused = one.encrypt(to, one.devices(to)["version"])
            assert refused["response"] == 403, refused
            assert (guest.name if to == room else to) in refused["error"]
            assert one.ask("msg", to=to, **JUNK)["response"] == 400
            assert one.ask("msg", to=to, message="in plain")["response"] == 200
        for to in (room, ann):
            assert guest.ask("msg", to=to, **JUNK)["response"] == 400
        assert guest.ask("msg", to=ann, **JUNK, devices="what not")["response"] == 409
        for talker in (one, guest):
            for version in ({}, {"devices": "what not"}):
                assert talker.ask("msg", to="#all", **JUNK, **version)["response"] == 403
                assert talker.ask("msg", to="#", **JUNK, **version)["response"] == 403


def test_an_encrypted_message_names_the_devices_it_is_for(
    server: RunningServer, name: Names
) -> None:
    ann, bob, room = name("ann"), name("Иван"), name("#дом")
    with DeviceTalker(server.port, ann) as one, DeviceTalker(server.port, bob) as other:
        one.ask("join", room=room)
        other.ask("join", room=room)
        for to in (bob, room):
            refused = one.ask("msg", to=to, **JUNK)
            assert refused["response"] == 400
            assert "devices" in refused["error"]
            assert one.encrypt(to, one.devices(to)["version"])["seq"] == 1
            assert other.event("msg")["encoding"] == JUNK["encoding"]


def test_a_plain_client_may_name_any_encoding(server: RunningServer, name: Names) -> None:
    with Talker(server.port) as one, Talker(server.port) as other:
        one.guest(name("Ёж"))
        other.guest(name("ёлка"))
        for encoding in ("ascii", "koi8-r", "m.megolm.v2", "M.MEGOLM.V1.AES-SHA2", ""):
            assert one.ask("msg", to=other.name, message="hi", encoding=encoding)["response"] == 200
            assert other.event("msg")["encoding"] == encoding


@pytest.mark.parametrize("kind", ["one_time_keys", "fallback_keys"])
def test_a_key_that_is_not_utf8_is_refused(own_server: Servers, kind: str) -> None:
    """It is stored undecoded, so its bytes have to be checked."""
    server = own_server("--limits", "off")
    with DeviceTalker(server.port, "Иван") as ivan:
        ivan.send_raw(
            b'{"action":"publish","%s":{"a":{"key":"\xfd","signatures":{}}}}\n' % kind.encode()
        )
        answer = ivan.receive()

        assert answer["response"] == 400, answer
        assert ivan.publish()["response"] == 200
    assert "Traceback" not in server.log()
