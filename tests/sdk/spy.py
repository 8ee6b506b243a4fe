"""A device that a lying server adds to the device lists of one client."""

import json
from typing import Any

import vodozemac

from messenger.crypto.accounts import Secret, parse_identity
from messenger.crypto.devices import parse_device, version_of
from messenger.crypto.identity import CannotDecrypt, Identity, Olm, decrypt_olm
from messenger.crypto.signed import canonical
from messenger.crypto.to_device import encrypt_to_device, read_envelope
from messenger.jim.names import is_room
from messenger.sdk import Client
from tests.sdk.proxy import Frame, LyingProxy


class Spy:
    """The server's own device in an account's name: in the device lists of the proxy's client.

    `messages` are the to-device messages that it has decrypted, `read` the texts. `identity` takes
    the place of the account's identity in the list (None: left out); `alone` leaves the account's
    real devices out. With a `secret` the list has the identity of that, which has signed the
    device. A `stranger` is in the lists of others' direct chats. It has the attributes of a
    whole device, and those that say how it is listed.
    """

    def __init__(self, proxy: LyingProxy, account: str, device_id: str, **how: Any) -> None:
        self.proxy = proxy
        self.identity = Identity(account, device_id)
        self.secret: Secret | None = how.get("secret")
        if self.secret is not None:
            self.identity.approve(self.secret.approve)
            how["identity"] = self.secret.published()
        self.device = self.identity.device
        self.messages: list[dict[str, Any]] = []
        self.read: list[str] = []
        self._how = how
        self._one_time = self.identity.new_one_time_keys(50)
        self._versions: dict[str, str] = {}
        self._sessions: dict[str, vodozemac.Session] = {}
        self._groups: dict[str, vodozemac.InboundGroupSession] = {}
        self._claims: set[object] = set()
        self._last_to_device = 0

    def slip_in(self) -> None:
        """Add the device to the lists from now on."""
        self.proxy.lie, self.proxy.hear = self.lie, self.hear

    def write(self, client: Client, kind: str, content: dict[str, Any]) -> None:
        """Send a to-device message to the client."""
        to = client.core.encryption.identity.device
        if to.curve25519 not in self._sessions:
            self._sessions[to.curve25519] = self.identity.begin(to, self._one_time_key())
        encrypted = encrypt_to_device(
            self.identity, self._sessions[to.curve25519], to, kind, content
        )
        self.say(client, encrypted)

    def say(self, client: Client, encrypted: str) -> None:
        """Deliver a to-device message to the client unchanged."""
        self._last_to_device = max(self._last_to_device, client.core.encryption.inbox.read) + 1
        message = {"seq": self._last_to_device, "from": self.device.account, "message": encrypted}
        self.proxy.say({"action": "to_device", "message": message})

    def _one_time_key(self) -> str:
        published = [one for one in self.proxy.overheard if one.get("one_time_keys")]
        key: str = list(published[-1]["one_time_keys"].values())[-1]["key"]
        return key

    def lie(self, frame: Frame) -> list[Frame]:
        """Return the object that the client gets in place of the server's."""
        if "version" in frame and "devices" in frame:
            return [self._listed(frame)]
        if frame.get("id") in self._claims and self._one_time:
            name, key = self._one_time.popitem()
            mine = {"account_name": self.device.account, "device": self.device.device_id}
            claimed = {**mine, "id": name, "key": json.loads(key)}
            return [{**frame, "keys": [*frame.get("keys", ()), claimed]}]
        return [frame]

    def _listed(self, frame: Frame) -> Frame:
        account, real = self.device.account, frame["version"]
        devices = frame["devices"]
        readers = {one["account_name"] for one in devices} | set(frame.get("plain", ()))
        is_stranger = self._how.get("stranger") and not is_room(frame["conversation"])
        if account not in readers and not is_stranger:
            return frame
        if self._how.get("alone"):
            devices = [one for one in devices if one["account_name"] != account]
        keys = json.loads(self.identity.device_keys)
        devices = [
            *devices,
            {"account_name": account, "device": self.device.device_id, "keys": keys},
        ]
        identities = frame.get("identities", [])
        if "identity" in self._how:
            identities = [one for one in identities if one["account_name"] != account]
            if self._how["identity"] is not None:
                identities.append({"account_name": account, "identity": self._how["identity"]})
        plain = [one for one in frame.get("plain", ()) if one != account]
        listed = {**frame, "devices": devices, "identities": identities, "plain": plain}
        listed["version"] = version_of_list(listed)
        self._versions[listed["version"]] = real
        return listed

    def hear(self, frame: Frame) -> list[Frame]:
        """Return the object that the server gets in place of the client's."""
        action = frame.get("action")
        if action == "msg" and frame.get("devices") in self._versions:
            self.read += self.opened(frame["message"])
            return [{**frame, "devices": self._versions[frame["devices"]]}]
        if action == "claim":
            others = [one for one in frame["devices"] if not self._is_me(one)]
            if len(others) < len(frame["devices"]):
                self._claims.add(frame["id"])
            return [{**frame, "devices": others}]
        if action == "to_device":
            for one in frame["messages"]:
                self._take(one["message"])
            return [
                {**frame, "messages": [one for one in frame["messages"] if not self._is_me(one)]}
            ]
        return [frame]

    def _is_me(self, named: Frame) -> bool:
        return (named["account_name"], named["device"]) == self.device.key[:2]

    def _take(self, message: str) -> None:
        encrypted = json.loads(message)
        if self.identity.curve25519 not in encrypted["ciphertext"]:
            return
        envelope = read_envelope(self.identity, message)
        try:
            said = json.loads(self._decrypt(envelope.sender_key, envelope.message))
        except (CannotDecrypt, KeyError):
            return
        self.messages.append(said)
        content = said["content"]
        if said["type"] == "m.room_key":
            key = vodozemac.SessionKey(content["session_key"])
            self._groups[content["session_id"]] = vodozemac.InboundGroupSession(key)
        elif said["type"] == "m.forwarded_room_key":
            exported = vodozemac.ExportedSessionKey(content["session_key"])
            group = vodozemac.InboundGroupSession.import_session(exported)
            self._groups[content["session_id"]] = group

    def _decrypt(self, sender_key: str, message: Olm) -> bytes:
        if message.type == 0 and sender_key not in self._sessions:
            self._sessions[sender_key], said = self.identity.accept(sender_key, message)
            return said
        return decrypt_olm(self._sessions[sender_key], message)

    def opened(self, message: str) -> list[str]:
        """Return the text of a message, if its keys open it."""
        try:
            encrypted = json.loads(message)
            group = self._groups[encrypted["session_id"]]
            text = group.decrypt(vodozemac.MegolmMessage.from_base64(encrypted["ciphertext"]))
        except (ValueError, KeyError, TypeError):
            return []  # Plain, garbled, or of no session whose key it has.
        return [json.loads(text.plaintext)["content"]["body"]]


def version_of_list(frame: Frame) -> str:
    """Return the version that fits a device list."""
    devices = [
        parse_device(one["account_name"], one["device"], canonical(one["keys"]))
        for one in frame["devices"]
    ]
    named = [(device.account, device.device_id, device.ed25519) for device in devices]
    masters = [
        (one["account_name"], parse_identity(one["account_name"], one["identity"]).master)
        for one in frame.get("identities", ())
    ]
    return version_of(named, frame.get("plain", ()), masters, frame.get("unique_id", ""))
