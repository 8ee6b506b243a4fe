"""The keys of group sessions: whose they are, who may have them, what is backed up."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import msgspec
import vodozemac

from messenger.crypto.accounts import Secret
from messenger.crypto.devices import MEGOLM, Device
from messenger.crypto.identity import PICKLE_KEY, Identity
from messenger.crypto.messages import check_owner, export_key, session_of
from messenger.crypto.signed import Forged, canonical
from messenger.crypto.todevice import CERTIFICATE, BackedUpKey, Certificate, RoomKey, read_content
from messenger.sdk.sealing.devicetrust import DeviceTrust
from messenger.sdk.store.keys import KeyStore
from messenger.sdk.store.sessions import Group

_MOST_REMEMBERED = 500


class SessionKeys:
    """Takes keys of sessions, and gives them to those who may have them.

    `on_begun` gets what a device says of a session that it gives the key of, and that device.
    """

    def __init__(self, keys: KeyStore, identity: Identity, trust: DeviceTrust) -> None:
        self._keys = keys
        self._identity = identity
        self._trust = trust
        self.on_begun: Callable[[Certificate, Device], None] = lambda _certificate, _owner: None
        self._open: OrderedDict[str, tuple[Group, vodozemac.InboundGroupSession]] = OrderedDict()

    def take_key(
        self, content: dict[str, Any], sender: Device, *, exported: bool = False
    ) -> str | None:
        """Keep the key of a session; return the session's id if it opens more than before.

        Raises Forged if it is no key, or its device has not signed that it is its own: whoever
        has the key could give it as his. One that was `exported` is of a later use of the session.
        """
        given = read_content(content, RoomKey)
        session = session_of(given, exported=exported)
        room, session_id = given.room_id, given.session_id
        owner = self._owner(given, sender)
        known = self._keys.group(session_id)
        if known is not None and (known.room_id, known.owner) != (room, owner.key):
            raise Forged(f"A key that {sender.account} gives is another's")
        if known is not None and known.first <= session.first_known_index:
            return None
        signed_by = self._trust.signer_of(owner)
        self._keep(room, owner, session, given.certificate, signed_by)
        if owner.key == sender.key:
            self.on_begun(given.certificate, owner)
        return session_id

    def key_for(self, session_id: str, to: Device) -> dict[str, Any] | None:
        """Return the key of a session for a device that may have it; None if it may not.

        It is its own, or was given to it; or, where its account's identity has signed the device,
        to another one of the account that the same identity has signed: one that has come since
        opens nothing of what was written to those of the identity before.
        """
        group = self._keys.group(session_id)
        if group is None:
            return None
        position: int | None = None
        if group.owner == to.key:
            position = group.first
        elif group.owner == self._identity.device.key:
            shared = self._keys.shared_with(session_id)
            position = shared.get(to.key)
            if position is None and self._trust.is_signed(to):
                others = [
                    index
                    for device, index in shared.items()
                    if device[0] == to.account and self._trust.is_signed(Device(*device, b""))
                ]
                position = min(others, default=None)
        if position is None:
            return None
        return self._content_of(group, position)

    def seal_for_backup(self, name: str, group: Group, secret: Secret) -> str:
        """Return a session's key as the account's other devices get it from the server."""
        content = self._content_of(group, group.first)
        owned = {
            "account": group.account,
            "ident": group.ident,
            "signed_by": group.signed_by,
            **(content or {}),
        }
        return secret.seal(name, canonical(owned))

    def take_from_backup(self, session_id: str, content: dict[str, Any]) -> str | None:
        """Keep a key that was backed up; return the session's id if it opens more than before.

        Raises Forged if it is another's. Whose it is was proved when it was backed up.
        """
        given = read_content(content, BackedUpKey)
        session = session_of(given, exported=True)
        known = self._keys.group(session_id)
        if session.session_id != session_id:
            raise Forged("A key that was backed up is another's")
        if known is not None and known.first <= session.first_known_index:
            return None
        keys = given.sender_key, given.sender_claimed_ed25519_key
        owner = Device(given.account, given.ident, *keys, b"")
        signed_by = given.signed_by or self._trust.signer_of(owner)
        self._keep(given.room_id, owner, session, given.certificate, signed_by)
        self._keys.note_backed_up([session_id])
        return session_id

    def _content_of(self, group: Group, position: int) -> dict[str, Any] | None:
        session = vodozemac.InboundGroupSession.from_pickle(group.pickle, PICKLE_KEY)
        key = export_key(session, position)
        if key is None:
            return None
        content: dict[str, Any] = {
            "algorithm": MEGOLM,
            "room_id": group.room_id,
            "session_id": group.session_id,
            "session_key": key,
            "sender_key": group.curve25519,
            "sender_claimed_ed25519_key": group.ed25519,
            "forwarding_curve25519_key_chain": [],
        }
        if group.certificate:
            content[CERTIFICATE] = msgspec.json.decode(group.certificate)
        return content

    def _owner(self, given: RoomKey, sender: Device) -> Device:
        """Return whose session it is; raises Forged unless a known device has signed that."""
        keys = (
            given.sender_key or sender.curve25519,
            given.sender_claimed_ed25519_key or sender.ed25519,
        )
        known = (sender, self._identity.device, *self._keys.devices_with(*keys))
        found = [device for device in known if device.key[2:] == keys]
        if not found:
            raise Forged(f"{sender.account} gives a key of a device that is not known")
        check_owner(given.certificate, found[0], given.room_id, given.session_id)
        if not self._trust.counts(found[0]):
            raise Forged(f"The identity of {found[0].account} has not signed its device")
        return found[0]

    def _keep(
        self,
        room: str,
        owner: Device,
        session: vodozemac.InboundGroupSession,
        certificate: Certificate,
        signed_by: str,
    ) -> None:
        group = Group(
            session.session_id,
            room,
            *owner.key,
            session.first_known_index,
            session.pickle(PICKLE_KEY),
            canonical(certificate).decode(),
            signed_by,
            certificate.shared_history,
        )
        self._keys.keep_group(group)
        self._open.pop(session.session_id, None)

    def _session(self, session_id: str) -> tuple[Group, vodozemac.InboundGroupSession] | None:
        found = self._open.get(session_id)
        if found is None:
            group = self._keys.group(session_id)
            if group is None:
                return None
            session = vodozemac.InboundGroupSession.from_pickle(group.pickle, PICKLE_KEY)
            found = self._open[session_id] = (group, session)
            if len(self._open) > _MOST_REMEMBERED:
                self._open.popitem(last=False)
        return found
