"""Trust records in the local database: the user's decisions about identities, by device."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Annotated, Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, delete, select, tuple_
from sqlalchemy.dialects.sqlite import insert as upsert

from messenger.crypto.accounts import AccountIdentity
from messenger.sdk.store.messages import IdentityTrust
from messenger.sdk.store.schema import trust_records

MAX_NUMBER = 2**53 - 1
"""The largest number of a record: all JSON decoders preserve it exactly (RFC 8259, section 6)."""

TrustRecordKey = tuple[str, str]
"""The account that a record is about, and the id of the device that made it."""


class LamportTimestamp(NamedTuple):
    """When a decision was made: after all with smaller numbers that its device knew.

    Of concurrent decisions, which have equal numbers, that of the greater `device` (id) is later.
    """

    number: int
    device: str


class TrustRecord(msgspec.Struct, frozen=True):
    """An account, its identity at that time, and whether the user trusts it.

    `number` and `device` are its Lamport timestamp. It is backed up and sent as JSON of this form.
    """

    account: str
    master: str
    self_signing: str
    trust: IdentityTrust
    number: Annotated[int, msgspec.Meta(ge=0, le=MAX_NUMBER)] = 0
    device: Annotated[str, msgspec.Meta(max_length=1000)] = ""

    @property
    def key(self) -> TrustRecordKey:
        """A later record with the same key replaces it: no device changes those of another."""
        return self.account, self.device

    @property
    def timestamp(self) -> LamportTimestamp:
        """Of two records about one account the one with the greater timestamp counts."""
        return LamportTimestamp(self.number, self.device)

    @property
    def identity(self) -> AccountIdentity:
        """The identity that the record is about."""
        return AccountIdentity(self.account, self.master, self.self_signing)


class TrustRecordStore:
    """Queries and changes of trust records: each device has one about each account."""

    transaction: Callable[[], AbstractContextManager[Connection]]

    def trust_record(self, account: str, device: str | None = None) -> TrustRecord | None:
        """Return the latest record about an account, or the one that `device` has made."""
        query = select(trust_records).where(trust_records.c.account == account)
        if device is not None:
            query = query.where(trust_records.c.device == device)
        with self.transaction() as connection:
            row = connection.execute(query.order_by(*_NEWEST).limit(1)).first()
        return _trust_record(row) if row else None

    def trust_records(self, newest: int | None = None) -> list[TrustRecord]:
        """Return all records, or as many of the newest, the newest first."""
        with self.transaction() as connection:
            rows = connection.execute(select(trust_records).order_by(*_NEWEST).limit(newest)).all()
        return [_trust_record(row) for row in rows]

    def keep_trust_record(self, trust_record: TrustRecord) -> None:
        """Store a record, replacing the one of its device about this account."""
        row = msgspec.to_builtins(trust_record)
        statement = upsert(trust_records).values(row)
        with self.transaction() as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=["account", "device"], set_=row)
            )

    def forget_older_trust_records(self) -> None:
        """Delete all records but the latest one about each account."""
        # Reversed, so that the newest record of an account is the last one to be entered.
        latest = {one.account: one.device for one in reversed(self.trust_records())}
        rows = list(latest.items())
        gone = tuple_(trust_records.c.account, trust_records.c.device).not_in(rows)
        with self.transaction() as connection:
            connection.execute(delete(trust_records).where(gone))


_NEWEST = trust_records.c.number.desc(), trust_records.c.device.desc(), trust_records.c.account


def _trust_record(row: Row[Any]) -> TrustRecord:
    trust = IdentityTrust(row.trust)
    return TrustRecord(row.account, row.master, row.self_signing, trust, row.number, row.device)
