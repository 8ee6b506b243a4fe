"""Outbound Megolm sessions, by which this device encrypts its messages to a conversation."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
import vodozemac

from messenger.crypto.devices import Device, DeviceKey
from messenger.crypto.identity import PICKLE_KEY
from messenger.crypto.messages import certify, encrypt, room_key
from messenger.crypto.to_device_content import CERTIFICATE, RoomKey, read_content
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.device_lists import DeviceList
from messenger.sdk.encryption.device_trust import DeviceTrust
from messenger.sdk.encryption.room_ids import RoomIds
from messenger.sdk.encryption.session_keys import SessionKeys, inbound_session_of
from messenger.sdk.store.inbound_sessions import InboundSession
from messenger.sdk.store.outbound_sessions import OutboundSession

# Matrix's defaults (m.room.encryption: rotation_period_msgs and rotation_period_ms).
_RENEWED_AFTER_MESSAGES = 100
_RENEWED_AFTER = 7 * 24 * 3600.0
_MAX_HISTORY = 500  # Half of the to-device messages that a server queues for one sender.


class Draft(NamedTuple):
    """A message to encrypt; it was written at that `time` (unix time)."""

    sent_id: str
    text: str
    time: float = 0.0


class Outbound(NamedTuple):
    """The session for this device's messages to a conversation, and devices that lack its key."""

    room_id: str
    session: vodozemac.GroupSession
    missing: tuple[Device, ...]


class OutboundSessions:
    """Encrypts messages; the devices that its key was shared with can decrypt them.

    The inbound part of each session is stored in `sessions`, like those of other devices.
    """

    def __init__(
        self, context: DeviceContext, trust: DeviceTrust, rooms: RoomIds, sessions: SessionKeys
    ) -> None:
        self._store = context.store
        self._keys = context.keys
        self._identity = context.identity
        self._clock = context.clock
        self._trust = trust
        self._rooms = rooms
        self._sessions = sessions
        self._begun: set[str] = set()

    def session_for(
        self,
        conversation: str,
        device_list: DeviceList,
        *,
        shared_history: bool = False,
        setting: int = 0,
    ) -> Outbound:
        """Return the session to encrypt with for these devices, a new one if necessary.

        With `shared_history` later members may have its key; `setting` is the number of that
        setting if this account has created the room.
        """
        me = self._identity.device.key
        room = self._rooms.of(conversation)
        recipients = {device.key: device for device in device_list.devices.values()}
        kept = self._keys.outbound_session(room)
        shared = self._keys.shared_with(kept.session_id) if kept else {}
        if (
            kept is None
            or self._is_over(kept, shared.keys() - recipients.keys())
            # MSC3061: the setting belongs to the session, so another setting needs another session.
            or self._shares_history(kept) is not shared_history
        ):
            self._begun.discard(kept.session_id if kept else "")
            kept, shared = self._begin(room, shared_history=shared_history, setting=setting), {}
        missing = tuple(
            device for key, device in recipients.items() if key not in shared and key != me
        )
        session = vodozemac.GroupSession.from_pickle(kept.pickle, PICKLE_KEY)
        return Outbound(room, session, missing)

    def begin_anew(self) -> None:
        """Have the next message of each conversation begin a session, and be encrypted by it."""
        self._begun.clear()
        for conversation in self._store.count_unsent_in():
            self._keys.drop_outgoing_in(conversation)

    def key_of(self, outbound: Outbound) -> dict[str, Any]:
        """Return the content of the m.room_key that shares the key, from the next message on."""
        # The ratchet's current state: a device that is new gets no key of earlier messages.
        content = room_key(outbound.session, outbound.room_id)
        known = self._own_inbound(outbound.session.session_id)
        assert known is not None
        return {**content, CERTIFICATE: msgspec.json.decode(known.certificate)}

    def shared(self, outbound: Outbound, devices: Iterable[Device]) -> None:
        """Note that these devices have the key, from the next message on."""
        given = [device.key for device in devices]
        self._keys.share(outbound.session.session_id, given, outbound.session.message_index)

    def without_history(self, outbound: Outbound) -> list[Device]:
        """Return the devices that the keys of earlier messages were not shared with."""
        given = self._keys.shared_with(f"history {outbound.room_id}")
        return [device for device in outbound.missing if device.key not in given]

    def history(self, room: str) -> list[dict[str, Any]]:
        """Return the keys of earlier messages of a conversation, the latest sessions first."""
        kept = self._keys.inbound_sessions_of(room, _MAX_HISTORY, shared=True)
        contents = (self._sessions.content_of(inbound, inbound.first) for inbound in kept)
        return [content for content in contents if content is not None]

    def history_shared(self, outbound: Outbound) -> None:
        """Note that the devices have the keys of earlier messages that the room shows."""
        given = [device.key for device in outbound.missing]
        self._keys.share(f"history {outbound.room_id}", given, 0)

    def encrypt(
        self, outbound: Outbound, version: str, drafts: Sequence[Draft], seen: int = 0
    ) -> list[str]:
        """Encrypt messages, and return them; the log was `seen` up to that number.

        They are stored together with the advanced state of the session: no two messages are ever
        encrypted with the same key.
        """
        me, session, room = self._identity, outbound.session, outbound.room_id
        encrypted = [
            encrypt(me, session, room, draft.sent_id, draft.text, seen, draft.time)
            for draft in drafts
        ]
        with self._keys.transaction():
            self._keys.keep_outbound_session(outbound.room_id, outbound.session.pickle(PICKLE_KEY))
            self._keys.keep_outgoing(
                [
                    (draft.sent_id, message, version)
                    for draft, message in zip(drafts, encrypted, strict=True)
                ]
            )
        return encrypted

    def _is_over(self, kept: OutboundSession, gone: set[DeviceKey]) -> bool:
        session = vodozemac.GroupSession.from_pickle(kept.pickle, PICKLE_KEY)
        # A session of an earlier start may come from a restored database: it would use keys again
        # that have encrypted messages since that backup.
        return (
            kept.session_id not in self._begun
            # Whoever has left has the ratchet, and could decrypt all that is encrypted by it.
            or bool(gone)
            # A new session at each turn of a direct chat recovers from a stolen key.
            or kept.answered
            or session.message_index >= _RENEWED_AFTER_MESSAGES
            # Below 0 the clock was set back: the session must not be used for that long.
            or not 0 <= self._clock() - kept.made_at < _RENEWED_AFTER
        )

    def _shares_history(self, kept: OutboundSession) -> bool:
        known = self._own_inbound(kept.session_id)
        return known is not None and known.shared_history

    def _own_inbound(self, session_id: str) -> InboundSession | None:
        """Return the inbound part of a session of this device."""
        me = self._identity.device
        known = self._sessions.of(session_id, me.account)
        return next((inbound for inbound, _session in known if inbound.owner == me.key), None)

    def _begin(self, room: str, shared_history: bool, setting: int) -> OutboundSession:
        session = vodozemac.GroupSession()
        pickle = session.pickle(PICKLE_KEY)
        made = OutboundSession(session.session_id, pickle, self._clock(), answered=False)
        inbound = vodozemac.InboundGroupSession(session.session_key)
        self._begun.add(session.session_id)
        certified = certify(
            self._identity,
            room,
            session.session_id,
            shared_history=shared_history,
            history_setting=setting,
        )
        given = read_content({**room_key(session, room), CERTIFICATE: certified}, RoomKey)
        me = self._identity.device
        with self._keys.transaction():
            # In one transaction: without the inbound part nobody could request the key later.
            self._keys.begin_outbound_session(room, made)
            self._sessions.keep(
                inbound_session_of(given, me, inbound, self._trust.signer_of(me), proved=True)
            )
        return made
