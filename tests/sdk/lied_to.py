"""Devices with a lying server: everything that they show, read and send is checked."""

import contextlib
import copy
import json
from pathlib import Path
from typing import Any, NamedTuple

from messenger.crypto.accounts import AccountIdentity, Secret, safety_number
from messenger.crypto.devices import MEGOLM
from messenger.crypto.names import room_id
from messenger.jim.errors import ProtocolError
from messenger.jim.names import is_room
from messenger.sdk import Client, Credentials, MessageReceived, Store
from messenger.sdk.events import (
    IdentityChanged,
    MessageChanged,
    MessageDecrypted,
    MessagesLost,
    MessagesMissing,
)
from messenger.sdk.store import IdentityTrust, MessageSecurity, MessageState, StoredMessage
from messenger.sdk.store.keys import KeyStore
from tests.running import PASSWORD, RunningServer
from tests.sdk.liar import Liar
from tests.sdk.proxy import Frame, LyingProxy
from tests.sdk.spy import Spy


class Written(NamedTuple):
    """A sent message, with its device and the accounts that were to read it."""

    conversation: str
    sender: str
    text: str
    readers: frozenset[str]
    device: "Device"

    def as_seen_by(self, account: str) -> str:
        """Return the name of its conversation for the account."""
        if is_room(self.conversation) or self.sender == account:
            return self.conversation
        return self.sender


class SpyWrote(NamedTuple):
    """A message of a spy's; `was_first_use` says that its account had no identity there yet."""

    at: "SpyAt"
    was_first_use: bool

    @property
    def may_be_shown(self) -> bool:
        """Whether it may be shown as the account's."""
        return self.was_first_use or self.at.may_read


class Log:
    """All written messages, in order, and their state by the messages' ids."""

    def __init__(self) -> None:
        self.written: dict[str, Written] = {}
        self.ids: dict[str, str] = {}
        self.stored: set[str] = set()
        self.plain: set[str] = set()
        self.spied: dict[str, SpyWrote] = {}

    def came_encrypted(self, text: str) -> bool:
        """Whether the server has a message in encrypted form only."""
        sent_id = self.ids.get(text)
        return sent_id in self.stored and sent_id not in self.plain


class SpyAt:
    """A device of the server in one device's lists, and what that device knew before.

    The first identity of an account is trusted, and until then each device; another identity is
    trusted by devices that had not verified the one before, and were notified.
    """

    def __init__(self, victim: "Device", spy: Spy, written: int) -> None:
        self.victim, self.spy = victim, spy
        self.written = written
        known = victim.keys.identity_of(spy.device.account)
        self.trust_before = known[1] if known is not None else IdentityTrust.UNKNOWN
        self.changes_before = victim.changes.count(spy.device.account)

    @property
    def may_read(self) -> bool:
        """Whether the identity of the spy's device could be taken for the account's."""
        account = self.spy.device.account
        if self.spy.secret is None or account == self.victim.account:
            return False
        told = self.victim.changes.count(account) > self.changes_before
        return self.trust_before is IdentityTrust.UNKNOWN or (
            self.trust_before is IdentityTrust.UNVERIFIED and told
        )

    def check(self, log: Log) -> None:
        """Assert that the spy has only messages of devices that trust it."""
        frames = self.victim.told + self.victim.proxy.overheard
        messages = [str(frame["message"]) for frame in frames if frame.get("action") == "msg"]
        read = {text for message in messages for text in self.spy.opened(message)}
        read.update(self.spy.read)
        if self.may_read:
            order = list(log.written)
            assert all(order.index(text) >= self.written for text in read), read
        else:
            # A broken session is replaced: that reveals nothing.
            given = [one["type"] for one in self.spy.messages if one["type"] != "m.dummy"]
            assert not given, given
            assert not read, read


class Device:
    """A device that connects and disconnects; its database stays, and its server lies.

    `faults` are messages that it should not have shown or sent. `encrypted` are the conversations
    in which it has seen encrypted messages; in those `out_of_order` it has reported lost or
    withheld messages. `known` are the accounts whose identities it knows.

    It is large because it is the whole model of a device, with which the real client is compared.
    """

    def __init__(
        self, account: str, server: RunningServer, directory: Path, liar: Liar, log: Log
    ) -> None:
        self.account = account
        self.store = Store(directory / "messages.db")
        self.keys = KeyStore(self.store)
        self.liar, self.log = liar, log
        self.spies: list[SpyAt] = []
        self.proxy = LyingProxy(server.port, self._pass_on)
        self.proxy.hear = self._hear
        self.client: Client | None = None
        self.device_id = ""
        self.told: list[Frame] = []
        self.changes: list[str] = []
        self.out_of_order: set[str] = set()
        self.verified: set[str] = set()
        self.encrypted: set[str] = set()
        self.known: set[str] = set()
        self.faults: list[str] = []
        self.since = len(log.written)

    # --- its actions ----------------------------------------------------------------------------

    def come(self) -> Client:
        """Be online."""
        if self.client is None:
            credentials = Credentials(self.account, PASSWORD, register=True)
            client = Client("127.0.0.1", self.proxy.port, credentials, self.store)
            for event in (MessageReceived, MessageDecrypted, MessageChanged):
                client.on(event)(self._look_at)
            client.on(IdentityChanged)(lambda event: self.changes.append(event.account))
            for told in (MessagesLost, MessagesMissing):
                client.on(told)(lambda event: self.out_of_order.add(event.conversation))
            client.start()
            self.client = client
            assert client.wait_until_online(60)
            self.device_id = client.core.encryption.identity.device_id
        return self.client

    def go(self) -> None:
        """Be offline."""
        if self.client is not None:
            self.client.close()
            self.client = None

    def come_anew(self) -> Client:
        """Go, and come again."""
        self.go()
        return self.come()

    def end(self) -> None:
        """Never come again."""
        self.go()
        self.proxy.close()
        self.store.close()

    def write(self, to: str, readers: frozenset[str], text: str) -> StoredMessage:
        """Send a message."""
        client = self.come()
        self.known = {name for name in self.keys.trusts() if self.knows(name)}
        self.log.written[text] = Written(to, self.account, text, readers, self)
        message = client.send_text(to, text)
        self.log.ids[text] = message.sent_id or ""
        assert client.wait_until_sent(60)
        return message

    def verify(self, other: "Device") -> None:
        """Compare the security number with another device, and verify if it is the same."""
        client, name = self.come(), other.account
        with contextlib.suppress(ProtocolError):
            client.keys.devices_of(name)
        with contextlib.suppress(ProtocolError):
            number = client.keys.safety_number(name)
            if number == safety_number(self.identity, other.identity):
                client.keys.verify(name)
                self.verified.add(name)

    def accept_all(self, names: list[str]) -> None:
        """Accept every account's present identity; no other device has done so before."""
        client = self.come()
        self._check_verified()
        for name in names:
            try:
                client.keys.devices_of(name)
            except ProtocolError:
                client.keys.accept(name)
                self.verified.discard(name)
                client.keys.devices_of(name)

    @property
    def secret(self) -> Secret:
        """The account's secret, whatever the server says about the devices."""
        return Secret(self.account, bytes.fromhex(self.store.get("secret") or ""))

    @property
    def identity(self) -> AccountIdentity:
        """The identity of the account."""
        return self.secret.identity

    def knows(self, name: str) -> bool:
        """Whether it has seen an identity of somebody."""
        return self.keys.identity_of(name) is not None

    # --- what the server sends, and gets --------------------------------------------------------

    def slip_in(self, spy: Spy, written: int) -> SpyAt:
        """Have the server add a device of its own to this one's lists."""
        self.spies.append(SpyAt(self, spy, written))
        self.list_anew()
        return self.spies[-1]

    def list_anew(self) -> None:
        """Have the device fetch its lists again."""
        if self.client is not None:
            self.client.core.encryption.device_lists.forget()

    def say(self, frame: Frame) -> None:
        """Have the server send an event."""
        if frame["action"] == "msg":
            self.liar.takes_a_number(frame)
        with contextlib.suppress(OSError, IndexError):
            self.proxy.say(frame)

    def stop_lying(self) -> None:
        """Have the server tell the truth from now on."""
        self.liar.stop()
        self.proxy.lie = lambda frame: [self._noted(frame)]

    def _pass_on(self, frame: Frame) -> list[Frame]:
        truth = copy.deepcopy(self._noted(frame))
        frames = [frame]
        for one in self.spies:
            frames = [told for frame in frames for told in one.spy.lie(frame)]
        listed = copy.deepcopy(frames[0])
        frames = [told for frame in frames for told in self.liar.tell(frame)]
        if "version" in truth and "devices" in truth:
            self.liar.note_list(truth, listed, frames[0])
        return frames

    def _noted(self, frame: Frame) -> Frame:
        if frame.get("action") == "msg":
            self.told.append(copy.deepcopy(frame))
        elif "seq" in frame and "response" in frame:
            self.log.stored.add(str(frame.get("id")))
        self.told += copy.deepcopy([{"action": "msg", **one} for one in frame.get("messages", ())])
        return frame

    def _hear(self, frame: Frame) -> list[Frame]:
        if frame.get("action") == "msg":
            self._look_at_outgoing(frame)
            frame = self.liar.hear(frame)
        frames = [frame]
        for one in reversed(self.spies):
            frames = [heard for frame in frames for heard in one.spy.hear(frame)]
        return frames

    # --- checks of what it shows and sends ------------------------------------------------------

    def _look_at_outgoing(self, frame: Frame) -> None:
        if frame.get("encoding") != MEGOLM:
            self.log.plain.add(frame.get("id", ""))  # A plain server gets none.
            if frame["to"] in self.encrypted | self.known:
                self.faults.append(f"sent in plain: {frame}")

    def _look_at(self, event: Any) -> None:
        """Check a shown message: nothing may seem to be what it is not."""
        message: StoredMessage = event.message
        where = message.conversation
        if message.is_proved and not self._may_show(message):
            self.faults.append(f"shown as signed: {message}")
        is_sent = message.state not in (MessageState.UNSENT, MessageState.FAILED)
        if message.is_proved and is_sent:
            self.encrypted.add(where)
        is_unmarked = (
            isinstance(event, MessageReceived) and message.security is MessageSecurity.UNENCRYPTED
        )
        if is_unmarked and where in self.encrypted:
            self.faults.append(f"not marked as plain: {message}")

    def _may_show(self, message: StoredMessage) -> bool:
        if message.text in self.log.spied:
            return self.log.spied[message.text].may_be_shown
        written = self.log.written.get(message.text)
        return (
            written is not None
            and written.sender == message.sender
            and written.as_seen_by(self.account) == message.conversation
            and self.may_read(written)
        )

    def may_read(self, one: Written) -> bool:
        """Whether a message was written to the account, or to a room whose list let it in."""
        let_in = one.device.liar.let_in.get(self.log.ids.get(one.text, ""), ())
        is_let_in = is_room(one.conversation) and self.account in let_in
        return self.account in one.readers or is_let_in

    def check(self) -> None:
        """Assert that it has shown and sent nothing wrong, and forgot no verification."""
        assert not self.faults, self.faults
        with self.store.transaction() as connection:
            names = connection.exec_driver_sql("SELECT name FROM conversations").scalars().all()
        for name in names:
            proved = [one for one in self.store.page(name, limit=10_000) if one.is_proved]
            wrong = [one for one in proved if not self._may_show(one)]
            assert not wrong, wrong
        self._check_verified()

    def _check_verified(self) -> None:
        for name in self.verified:
            assert self.keys.trusts()[name] in (IdentityTrust.VERIFIED, IdentityTrust.CHANGED)

    def opened(self, conversation: str) -> list[str]:
        """Return the messages that are shown as signed, as far as the server has them."""
        messages = self.store.page(conversation, limit=10_000)
        texts = [one.text for one in messages if one.is_proved]
        return [one for one in texts if self.log.came_encrypted(one)]

    def shows(self, conversation: str, written: list[str], needed: set[str]) -> bool:
        """Whether it shows all required messages, and otherwise only written ones, in order."""
        opened = self.opened(conversation)
        if self._may_be_out_of_order(conversation):
            opened.sort(key=written.index)
        return needed <= set(opened) and opened == [text for text in written if text in opened]

    def _may_be_out_of_order(self, conversation: str) -> bool:
        """Whether messages may be out of order: this was reported, or a guest's chat was closed.

        The server says who is a guest; a guest's messages stay before later ones. Nor is the order
        of two sessions known if the server has swapped their messages.
        """
        is_direct = not is_room(conversation)
        is_unknown = conversation in self.out_of_order | self.liar.mixed
        return is_unknown or (is_direct and self.liar.said_guest)

    def why_missing(self, conversation: str, missing: set[str]) -> str:
        """Return what a device shows in place of messages that it should decrypt."""
        where = self.log.written
        sent = [
            f"{text} of {where[text].sender} on {where[text].device.device_id}" for text in missing
        ]
        page = self.store.page(conversation, limit=10_000)
        shown = [f"{one.seq} {one.sender} {one.security or 'open'} {one.text!r}" for one in page]
        return "\n".join([f"{self.account} on {self.device_id}", *sent, "it shows", *shown])

    def has_to_open(self, one: Written) -> bool:
        """Whether no lie of the server can keep a message from this device."""
        sent_id = self.log.ids[one.text]
        return (
            self.account in one.readers
            and sent_id not in self.liar.touched
            and ((self.account, self.device_id) not in one.device.liar.left_out.get(sent_id, ()))
        )


def key_requests(device: Device, spy: Spy) -> list[dict[str, Any]]:
    """Return requests for the keys of every message that the server has delivered."""
    found = []
    for frame in device.told + device.proxy.overheard:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            encrypted = json.loads(frame["message"])
            body = {
                "algorithm": MEGOLM,
                "room_id": room_id(frame["to"], frame["from"]),
                "session_id": encrypted["session_id"],
                "sender_key": encrypted["sender_key"],
            }
            found.append(
                {
                    "action": "request",
                    "body": body,
                    "request_id": "1",
                    "requesting_device_id": spy.device.device_id,
                }
            )
    return found
