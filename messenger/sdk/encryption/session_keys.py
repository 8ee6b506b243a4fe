"""The keys of Megolm sessions: their owners, who may have them, and their form in the backup."""

from collections import OrderedDict
from typing import Any, NamedTuple

import msgspec
import vodozemac

from messenger.crypto.accounts import Secret
from messenger.crypto.devices import MEGOLM, Device
from messenger.crypto.identity import PICKLE_KEY
from messenger.crypto.messages import check_owner, export_key, session_of, signed_by_owner
from messenger.crypto.signed import SignatureError, canonical
from messenger.crypto.to_device_content import CERTIFICATE, BackedUpKey, RoomKey, read_content
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.device_trust import DeviceTrust
from messenger.sdk.encryption.room_history import RoomHistory
from messenger.sdk.store.inbound_sessions import InboundSession

_MAX_REMEMBERED = 500  # Unpickled sessions in memory: each message needs its session.
_KEPT_FOR = 30 * 24 * 3600.0
_FORGETS_EVERY = 24 * 3600.0

_Session = tuple[InboundSession, vodozemac.InboundGroupSession]


class Reach(NamedTuple):
    """The messages of a session that a new key makes readable, from position `first` on.

    Only those `before` a position, if the known key already decrypts the later ones.
    """

    session_id: str
    first: int
    before: int | None = None


class SessionKeys:
    """Accepts session keys, and returns them for devices that may have them.

    The setting of a room's history that arrives with a key is passed to `history`.
    """

    def __init__(self, context: DeviceContext, trust: DeviceTrust, history: RoomHistory) -> None:
        self._keys = context.keys
        self._identity = context.identity
        self._clock = context.clock
        self._trust = trust
        self._history = history
        self._open: OrderedDict[tuple[str, str], list[_Session]] = OrderedDict()
        self._forgot_at = 0.0

    def take_key(
        self, content: dict[str, Any], sender: Device, *, exported: bool = False
    ) -> Reach | None:
        """Store the key of a session; return what it decrypts, if that is more than before.

        Raises SignatureError if it is no key, if its device has not signed the claim to it, or if
        it contradicts that device's stored key. Other devices can claim the same session: that is
        stored separately, for their messages. An `exported` key may begin in mid-session.
        """
        given = read_content(content, RoomKey)
        session = session_of(given, exported=exported)
        owner = self._owner(given, sender)
        # The owner's certificate covers the session's id only, not the key that others forward.
        is_proved = not exported or owner.key == sender.key
        new = inbound_session_of(
            given, owner, session, self._trust.signer_of(owner), proved=is_proved
        )
        reach = self.keep(new, given_by=sender.account)
        if reach is not None and owner.key == sender.key:
            self._history.heard(given.certificate, owner)
        return reach

    def key_for(self, session_id: str, to: Device) -> dict[str, Any] | None:
        """Return the key of a session for a device that may have it; None if it may not.

        A device may have keys of its own sessions, and keys that it was sent. If its account's
        identity has signed it, it may also have those sent to other devices that the same identity
        has signed. A newer identity gets no keys that were sent to devices of a former one.
        """
        for inbound in self._keys.inbound_sessions(session_id):
            position = self._first_for(inbound, to)
            if position is not None:
                return self.content_of(inbound, position)
        return None

    def _first_for(self, inbound: InboundSession, to: Device) -> int | None:
        """Return the first message that a device may have a session's key for, or None."""
        if inbound.owner == to.key:
            return inbound.first
        # Only the owner knows whom the key was shared with.
        if inbound.owner != self._identity.device.key:
            return None
        shared = self._keys.shared_with(inbound.session_id)
        if to.key in shared or not self._trust.is_signed(to):
            return shared.get(to.key)
        others = [
            index
            for device, index in shared.items()
            if device[0] == to.account and self._trust.is_signed(Device(*device, b""))
        ]
        # The account could read the session from there on: its new device may, too.
        return min(others, default=None)

    def encrypt_for_backup(self, name: str, inbound: InboundSession, secret: Secret) -> str:
        """Return a session's key, encrypted for the backup under this name."""
        content = self.content_of(inbound, inbound.first)
        owned = {
            "account": inbound.account,
            "device_id": inbound.device_id,
            "signed_by": inbound.signed_by,
            "proved": inbound.proved,
            **(content or {}),
        }
        return secret.encrypt(name, canonical(owned))

    def read_backed_up(self, name: str, content: dict[str, Any]) -> InboundSession:
        """Return a session from the backup; raises SignatureError if the name is another's.

        Its owner was verified before it was backed up.
        """
        given = read_content(content, BackedUpKey)
        session = session_of(given, exported=True)
        if session.session_id != name.partition(" ")[0]:
            raise SignatureError("A key that was backed up is another's")
        keys = given.sender_key, given.sender_claimed_ed25519_key
        owner = Device(given.account, given.device_id, *keys, b"")
        # The device may have been signed since the backup.
        signed_by = self._trust.signer_of(owner) or given.signed_by
        return inbound_session_of(given, owner, session, signed_by, proved=given.proved)

    def take_backed_up(self, new: InboundSession, name: str) -> bool:
        """Store a session of the backup; return whether it decrypts more than before.

        A key that an earlier version named by the session's id alone is backed up again. Raises
        SignatureError if it contradicts the stored key.
        """
        if self.keep(new) is None:
            return False
        if new.name == name and self._keys.inbound_session(name) == new:
            self._keys.note_backed_up([new])
        return True

    def content_of(self, inbound: InboundSession, position: int) -> dict[str, Any] | None:
        """Return the key of a session from a message on, in the form that is sent to devices.

        None if the stored key begins later.
        """
        key = _exported(inbound, position)
        if key is None:
            return None
        content: dict[str, Any] = {
            "algorithm": MEGOLM,
            "room_id": inbound.room_id,
            "session_id": inbound.session_id,
            "session_key": key,
            "sender_key": inbound.curve25519,
            "sender_claimed_ed25519_key": inbound.ed25519,
            # Matrix requires it in m.forwarded_room_key; the owner's signature takes its place.
            "forwarding_curve25519_key_chain": [],
        }
        if inbound.certificate:
            content[CERTIFICATE] = msgspec.json.decode(inbound.certificate)
        return content

    def _owner(self, given: RoomKey, sender: Device) -> Device:
        """Return the owner of a session; raises SignatureError unless a known device claims it."""
        keys = (
            given.sender_key or sender.curve25519,
            given.sender_claimed_ed25519_key or sender.ed25519,
        )
        known = (sender, self._identity.device, *self._keys.devices_with(*keys))
        found = [device for device in known if device.key[2:] == keys]
        if not found:
            raise SignatureError(f"{sender.account} shares a key of an unknown device")
        check_owner(given.certificate, found[0], given.room_id, given.session_id)
        if not self._trust.counts(found[0]):
            raise SignatureError(f"The identity of {found[0].account} has not signed its device")
        return found[0]

    def keep(self, new: InboundSession, *, given_by: str = "") -> Reach | None:
        """Store what is new of a session; return what that makes readable, None if nothing.

        Raises SignatureError if it contradicts the stored session or key.
        """
        known = self._keys.kept_as(new)
        kept = new if known is None else _joined(known, new)
        if kept == known:
            return None
        # A key that is sent again would make old messages appear as new ones.
        if known is None and self._keys.is_forgotten(new.session_id, new.account):
            return None
        self._keys.keep_inbound_session(kept, given_by=given_by)
        self._open.pop((new.session_id, new.account), None)
        return _reach(known, kept)

    def of(self, session_id: str, account: str) -> list[_Session]:
        """Return the sessions with this id that devices of an account claim."""
        found = self._open.get((session_id, account))
        if found is None:
            found = [
                loaded(inbound) for inbound in self._keys.inbound_sessions(session_id, account)
            ]
            # Unknown sessions are not remembered: anybody can name any number of them.
            if found:
                self._open[session_id, account] = found
            if len(self._open) > _MAX_REMEMBERED:
                self._open.popitem(last=False)
        return found

    def as_signed_now(self, inbound: InboundSession) -> InboundSession:
        """Return the session with its current signer, if the identity has signed the device since.

        The signer is stored, so that the device is looked up once.
        """
        known = self._keys.identity_of(inbound.account)
        if known is None or inbound.signed_by == known[0].self_signing:
            return inbound
        if not self._trust.is_signed(Device(*inbound.owner, b"")):
            return inbound
        signed = inbound._replace(signed_by=known[0].self_signing)
        self._keys.note_signer(inbound.name, signed.signed_by)
        self._open.pop((inbound.session_id, inbound.account), None)
        return signed

    def forget_old(self) -> None:
        """Delete the sessions that arrived a month ago, once a day; their keys are refused then.

        For a store without messages. Our clients use a session for a week at most, so no message
        that is yet to be read needs them.
        """
        now = self._clock()
        # Below 0 the clock was set back: old sessions must not stay for that long.
        if 0 <= now - self._forgot_at < _FORGETS_EVERY:
            return
        self._forgot_at = now
        if self._keys.forget_sessions(now - _KEPT_FOR):
            self._open.clear()


def loaded(inbound: InboundSession) -> _Session:
    """Return a session, and its unpickled form that decrypts messages."""
    return inbound, vodozemac.InboundGroupSession.from_pickle(inbound.pickle, PICKLE_KEY)


def inbound_session_of(
    given: RoomKey,
    owner: Device,
    session: vodozemac.InboundGroupSession,
    signed_by: str,
    *,
    proved: bool,
) -> InboundSession:
    """Return the session to store for a key that was shared."""
    return InboundSession(
        session.session_id,
        given.room_id,
        *owner.key,
        session.first_known_index,
        session.pickle(PICKLE_KEY),
        canonical(signed_by_owner(given.certificate, owner)).decode(),
        signed_by,
        given.certificate.shared_history,
        proved,
    )


def _reach(known: InboundSession | None, kept: InboundSession) -> Reach:
    """Return which messages to try after a session was stored.

    If only its beginning is new, only those messages: anybody can share key after key of an own
    session, each from one message earlier.
    """
    if known is not None and known == kept._replace(
        first=known.first, pickle=known.pickle, certificate=known.certificate
    ):
        return Reach(kept.session_id, kept.first, known.first)
    return Reach(kept.session_id, kept.first)


def _joined(known: InboundSession, new: InboundSession) -> InboundSession:
    """Merge two keys of a session: the one that decrypts more is kept.

    A proved key replaces a different one that is not proved. Raises SignatureError if the new one
    contradicts the known one otherwise, as its sender may have made it up.
    """
    if not known.ed25519 and known.owner[:2] == new.owner[:2]:
        # From a database of an earlier version, which did not store the owner's keys.
        known = known._replace(curve25519=new.curve25519, ed25519=new.ed25519)
    if (known.room_id, known.owner) != (new.room_id, new.owner):
        raise SignatureError(f"A key of {new.account} is another's")
    if not _are_of_one_key(known, new):
        if known.proved or not new.proved:
            raise SignatureError(f"A key of {new.account} is not that of its session")
        return new
    decrypts_more = new if new.first < known.first else known
    signed_by = new.signed_by or known.signed_by
    return decrypts_more._replace(
        signed_by=signed_by,
        # Only if both say so: whoever forwards a key must not open it to later members.
        shared_history=known.shared_history and new.shared_history,
        proved=known.proved or new.proved,
    )


def _are_of_one_key(one: InboundSession, other: InboundSession) -> bool:
    """Whether both ratchets meet at the later index: nobody can compute an earlier key for it."""
    index = max(one.first, other.first)
    return _exported(one, index) == _exported(other, index)


def _exported(inbound: InboundSession, index: int) -> str | None:
    session = vodozemac.InboundGroupSession.from_pickle(inbound.pickle, PICKLE_KEY)
    return export_key(session, index)
