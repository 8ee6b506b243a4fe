"""Migrates sessions of earlier versions: adds their owners' keys, and who signed these.

Earlier versions identified devices by their ids alone, and stored only whether any identity had
signed one. They stored sessions by id alone, so that the first claim excluded the true owner.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, inspect, select, update

from messenger.crypto.accounts import AccountIdentity, Secret, signer_of
from messenger.crypto.devices import Device
from messenger.crypto.identity import Identity
from messenger.crypto.messages import check_owner
from messenger.crypto.signed import SignatureError
from messenger.crypto.to_device_content import Certificate
from messenger.sdk.store.inbound_sessions import session_name
from messenger.sdk.store.messages import IdentityTrust
from messenger.sdk.store.proving import mark_proved
from messenger.sdk.store.rooms import noted_room_id
from messenger.sdk.store.schema import (
    conversations,
    decrypted,
    devices,
    identities,
    inbound_sessions,
    profile,
    shared,
    trust_records,
)

_ADDED = "name", "backed_up", "unused_by"
_Devices = dict[tuple[str, str], Device]


def complete(connection: Connection) -> None:
    """Add owners and signers to sessions, messages and shared keys, as far as they are known."""
    me = _this_device(connection)
    known = {row[:2]: Device(*row[:5]) for row in connection.execute(select(devices))}
    if me is not None:
        known[me.key[:2]] = me
    _name_holders(connection, known)
    _name_owners(connection, known)
    _name_signers(connection, known, me)
    if me is not None:
        _name_signers_of_messages(connection, me.account)
    for identity, trust in _identities(connection):
        if trust is IdentityTrust.VERIFIED:
            mark_proved(connection, identity)
    if any(
        column["name"] == "signed" for column in inspect(connection).get_columns("inbound_sessions")
    ):
        connection.exec_driver_sql("ALTER TABLE inbound_sessions DROP COLUMN signed")


def note_trust_records(connection: Connection) -> None:
    """Store the trust in identities as trust records, so that none in the backup is newer.

    All of them are backed up again: which of them the backup lacks is unknown.
    """
    me = _this_device(connection)
    found = [
        {**identity._asdict(), "device": "", "number": 0, "trust": trust}
        for identity, trust in _identities(connection)
        if trust in (IdentityTrust.VERIFIED, IdentityTrust.UNVERIFIED)
        and (me is None or me.account != identity[0])
    ]
    if found:
        connection.execute(insert(trust_records), found)
    unshared = msgspec.json.encode([(one["account"], one["device"]) for one in found]).decode()
    row = {"name": "unshared_trust_records", "value": unshared}
    connection.execute(delete(profile).where(profile.c.name == row["name"]))
    connection.execute(insert(profile), row)


def name_sessions(connection: Connection) -> None:
    """Name each session by its id and its owner's key, also in `decrypted`.

    All are backed up again under these names: a false claim may have replaced a key in the backup.
    """
    run = connection.exec_driver_sql
    for index in inbound_sessions.indexes:
        run(f"DROP INDEX IF EXISTS {index.name}")
    run("ALTER TABLE inbound_sessions RENAME TO older_sessions")
    inbound_sessions.create(connection)
    kept = [column.name for column in inbound_sessions.c if column.name not in _ADDED]
    listed = ", ".join(kept)
    copied = f"SELECT {listed}, session_id FROM older_sessions ORDER BY rowid"
    run(f"INSERT INTO inbound_sessions ({listed}, name) {copied}")
    run("DROP TABLE older_sessions")
    rows = connection.execute(
        select(inbound_sessions.c.session_id, inbound_sessions.c.ed25519)
    ).all()
    if named := [(session_name(*row), row[0]) for row in rows]:
        run("UPDATE inbound_sessions SET name = ? WHERE session_id = ?", named)
        run("UPDATE OR IGNORE decrypted SET session_id = ? WHERE session_id = ?", named)


def note_unused(connection: Connection) -> None:
    """Mark sessions as unused: those of a conversation that the user had not joined."""
    columns = {column["name"] for column in inspect(connection).get_columns("inbound_sessions")}
    if "unjoined" not in columns:
        return
    run = connection.exec_driver_sql
    run("ALTER TABLE inbound_sessions ADD COLUMN unused_by TEXT NOT NULL DEFAULT ''")
    run("UPDATE inbound_sessions SET unused_by = account WHERE unjoined")
    run("ALTER TABLE inbound_sessions DROP COLUMN unjoined")
    for made in inbound_sessions.indexes:
        made.create(connection, checkfirst=True)


def _this_device(connection: Connection) -> Device | None:
    query = select(profile.c.name, profile.c.value)
    kept: dict[str, str] = {row.name: row.value for row in connection.execute(query)}
    if "identity" not in kept or "identity_of" not in kept:
        return None
    account, _, device_id = kept["identity_of"].rpartition("\n")
    identity = Identity.from_pickle(account, device_id, kept["identity"])
    if "secret" in kept:
        identity.approve(Secret(account, bytes.fromhex(kept["secret"])).approve)
    return identity.device


def _identities(connection: Connection) -> list[tuple[AccountIdentity, IdentityTrust]]:
    rows = connection.execute(select(identities)).all()
    return [(AccountIdentity(*row[:3]), IdentityTrust(row[3])) for row in rows]


def _name_holders(connection: Connection, known: _Devices) -> None:
    """Create the table again: its primary key includes the devices' keys."""
    rows = connection.execute(select(shared)).all()
    named = (_holder(row._asdict(), known) for row in rows)
    kept = [row for row in named if row is not None]
    # SQLite cannot change the primary key of a table.
    shared.drop(connection)
    shared.create(connection)
    if kept:
        connection.execute(shared.insert(), kept)


def _holder(row: dict[str, Any], known: _Devices) -> dict[str, Any] | None:
    if row["ed25519"]:
        return row
    device = known.get((row["account"], row["device_id"]))
    return device and {**row, "curve25519": device.curve25519, "ed25519": device.ed25519}


def _name_owners(connection: Connection, known: _Devices) -> None:
    """Add the keys of the device that a session's certificate proves: ids may be reused."""
    query = select(
        inbound_sessions.c.session_id,
        inbound_sessions.c.account,
        inbound_sessions.c.device_id,
        inbound_sessions.c.room_id,
    )
    rows = connection.execute(
        query.add_columns(inbound_sessions.c.certificate).where(inbound_sessions.c.ed25519 == "")
    ).all()
    for session_id, account, device_id, room, certificate in rows:
        device = known.get((account, device_id))
        if device is None or not _is_owner(device, room, session_id, certificate):
            continue
        row = update(inbound_sessions).where(inbound_sessions.c.session_id == session_id)
        connection.execute(row.values(curve25519=device.curve25519, ed25519=device.ed25519))


def _is_owner(device: Device, room: str, session_id: str, certificate: str) -> bool:
    try:
        found = msgspec.json.decode(certificate, type=Certificate)
        check_owner(found, device, room, session_id)
    except (SignatureError, msgspec.MsgspecError):
        return False
    return True


def _name_signers(connection: Connection, known: _Devices, me: Device | None) -> None:
    """Add who has signed the owners of sessions; the key backup gets that, too."""
    named = {identity.account: identity for identity, _trust in _identities(connection)}
    for device in known.values():
        signer = _signer_of(device, named.get(device.account))
        theirs = (inbound_sessions.c.account == device.account) & (
            inbound_sessions.c.device_id == device.device_id
        )
        same = theirs & (inbound_sessions.c.ed25519 == device.ed25519)
        if device == me:
            connection.execute(update(inbound_sessions).where(same).values(proved=True))
        if signer:
            unsaid = update(inbound_sessions).where(same, inbound_sessions.c.signed_by == "")
            connection.execute(unsaid.values(signed_by=signer, backed_up=False))


def _signer_of(device: Device, identity: AccountIdentity | None) -> str:
    if identity is not None and identity.has_signed(device):
        return identity.self_signing
    return signer_of(device)


def _name_signers_of_messages(connection: Connection, me: str) -> None:
    """Add the signers of decrypted messages, by the log numbers of their sessions."""
    names = connection.scalars(select(conversations.c.name)).all()
    by_room = {noted_room_id(connection, name, me): name for name in names}
    query = select(
        inbound_sessions.c.signed_by,
        inbound_sessions.c.room_id,
        decrypted.c.seq,
        inbound_sessions.c.account,
    )
    query = query.join(decrypted, decrypted.c.session_id == inbound_sessions.c.session_id)
    rows = connection.execute(
        query.where(decrypted.c.seq > 0, inbound_sessions.c.signed_by != "")
    ).all()
    _sign(
        connection,
        ((key, by_room[room], seq, sender) for key, room, seq, sender in rows if room in by_room),
    )


def _sign(connection: Connection, rows: Iterable[tuple[str, str, int, str]]) -> None:
    """Store the keys that have signed messages: (key, conversation, number, sender)."""
    found = list(rows)
    if found:
        connection.exec_driver_sql(
            "UPDATE messages SET signed_by = ? WHERE conversation = ? AND seq = ? "
            "AND sender = ? AND security = 'encrypted' AND signed_by = ''",
            found,
        )
