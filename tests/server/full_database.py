"""A server's database with rows in every table that are hard to copy."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, Table, insert

from messenger.server.store import database
from messenger.server.store.schema import metadata

_ODD = (
    *("Иван", "\U0001f511 \U0001f468\u200d\U0001f469\u200d\U0001f467", "a%41? %s {name}"),
    *("", "\\", "\\N", "\\.", "a\tb\nc\rd", "'; DROP TABLE accounts; --", '"'),
    *("\x01\x1f\x7f\u2028\u2029\ufeff", "\u00e9", "e\u0301"),  # the last two look the same
    *("Z", "a", "Ä", "ä", "ß", "_", "-"),  # sorted differently by each collation
)
_FLOATS = (0.1 + 0.2, 1e308, 5e-324, 1 / 3, -1.5, 1764243260.1234567, 0.0, 2.0**53 + 2, 1e-7)
_MOST = 2**63 - 1


def fill(url: str | Path, messages: int = 60) -> None:
    """Create a database with rows in every table, and so many messages besides."""
    with opened(url) as engine, database.writer(engine) as connection, connection.begin():
        for table, rows in _rows().items():
            for row in rows:
                connection.execute(insert(metadata.tables[table]).values(row))
        plain = [
            {"message_key": (99 << 32) | (1 + number), "sender_id": 1, "frame": f"{number}",
             "stored_at": number / 7, "sent_id": f"id{number}"}
            for number in range(messages)
        ]  # fmt: skip
        connection.execute(insert(metadata.tables["messages"]), plain)


def rows_of(url: str | Path) -> dict[str, list[str]]:
    """Return every table's rows as the application sees them, each in Python's exact notation."""
    with opened(url) as engine:
        return {table.name: _rows_of(engine, table) for table in metadata.sorted_tables}


def _rows_of(engine: Engine, table: Table) -> list[str]:
    # Reading takes long: PostgreSQL ends a transaction in which nothing is asked for 2 seconds.
    alone = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    with alone as connection:
        rows = connection.execute(table.select()).all()
    return sorted(ascii(tuple(row)) for row in rows)


@contextmanager
def opened(url: str | Path) -> Iterator[Engine]:
    """Open a database, with the schema in it, for as long as the block."""
    with unprepared(url) as engine:
        database.prepare(engine)
        yield engine


@contextmanager
def unprepared(url: str | Path) -> Iterator[Engine]:
    """Open a database as it is."""
    if isinstance(url, Path):
        file = url / "messenger.db" if url.is_dir() else url
        engine = database.open_engine(URL.create("sqlite", database=str(file)), 1)
    else:
        engine = database.open_engine(url, 1)
    try:
        yield engine
    finally:
        engine.dispose()


def _rows() -> dict[str, list[dict[str, Any]]]:
    numbered = list(enumerate(_ODD, 1))
    count = len(_ODD)
    people = [
        {
            "id": number, "name": odd[:25], "name_key": f"{odd[:20]}{number}",
            "guest": number % 2 == 0, "verifier": odd if number % 3 else None, "information": odd,
            "blocked": number % 5 == 0, "created_at": _FLOATS[number % len(_FLOATS)],
            "last_seen": None if number % 4 else _FLOATS[-1],
            "role": "administrator" if number % 7 == 0 else "user", "last_address": odd,
            "removed_at": None if number % 6 else _FLOATS[1], "last_login": _FLOATS[2],
            "messages": number, "bytes": _MOST,
        }
        for number, odd in numbered
    ]  # fmt: skip
    people.append(people[0] | {"id": 2**31 - 2, "name": "last", "name_key": "last"})
    devices = [
        {
            "id": number, "account_id": number, "public_id": odd[:64] or "x", "name": odd,
            "token_hash": bytes(range(number)) * 2 + b"\x00\xff", "created_at": 1.5,
            "signed_keys": odd, "last_to_device": _MOST,
        }
        for number, odd in numbered
    ]  # fmt: skip
    devices[0]["token_hash"] = None
    return {
        "accounts": people,
        "name_looks": [
            {"look": odd, "name": name} for odd in _ODD for name in ("б", "B", f"a{odd}")
        ],
        "devices": devices,
        "one_time_keys": [
            {"device_row": 1 + number % 2, "key_id": odd, "key": odd if number % 2 else None}
            for number, odd in numbered
        ],
        "key_backups": [{"account_id": 1, "session_id": odd, "encrypted": odd} for odd in _ODD],
        "to_device_messages": [
            {"device_row": 1, "seq": _MOST - number, "sender": odd[:25], "message": odd, "size": 7}
            for number, odd in numbered
        ],
        "logins": [
            {"account_id": 1, "time": time, "address": "::1", "program": "п"} for time in _FLOATS
        ],
        "contacts": [{"owner_id": 1, "contact_id": number} for number, _ in numbered],
        "blocks": [{"owner_id": 1, "name": odd[:25], "created_at": 0.1} for odd in _ODD],
        "reports": [
            {"reporter_id": number, "account_name": odd[:25], "reason": odd, "messages": odd,
             "created_at": 0.1, "closed_at": None if number % 2 else 1.5, "closed_by": odd}
            for number, odd in numbered
        ],
        "conversations": [
            *(
                {"id": number, "room": f"#{odd}"[:50], "topic": odd, "created_at": 1.0,
                 "creator_id": number, "closed_at": 2.0 if number % 2 else None,
                 "unique_id": f"{number:032}", "encrypted": True}
                for number, odd in numbered
            ),
            {"id": 99, "first_id": 1, "second_id": 2, "created_at": 1.0},
        ],
        "members": [
            {"conversation_id": 1, "account_id": number, "banned": number == 3, "joined_at": 0.1}
            for number, _ in numbered
        ],
        "receipts": [
            {"account_id": 1 + number % count, "conversation_id": 1, "read": 2**32 - 1}
            for number, _ in numbered
        ],
        "messages": [
            *(
                {"message_key": (number << 32) | 1, "sender_id": number, "frame": odd,
                 "stored_at": _FLOATS[number % len(_FLOATS)],
                 "sent_id": odd if number % 2 else None}
                for number, odd in numbered
            ),
            {"message_key": _MOST, "sender_id": 2**31 - 1, "frame": "я" * 100_000, "stored_at": 1},
        ],
        "invitations": [
            {"token_hash": b"\\x" + bytes([number, 0]), "uses_left": 1, "created_at": 0.3}
            for number in (0, 92, 255, 10)
        ],
        "password_resets": [
            {"account_id": number, "code_hash": b"\\x" + bytes([number, 0]), "created_at": 0.3,
             "expires_at": 0.1, "used_at": None if number % 2 else 0.7}
            for number, _odd in numbered
        ],
        "audit": [
            {"id": number, "time": 0.1, "actor": odd, "origin": "::1", "action": "admin_block",
             "target": odd, "before": None if number % 2 else odd, "after": odd}
            for number, odd in numbered
        ],
        "statistics": [
            {"span": 60, "time": number, "seconds": time, "latency": "1:2 37:5", "lag": time,
             "cpu": time, "online": 1, "sessions": 2, "slow": 3, "messages": _MOST, "bytes": _MOST,
             "transactions": 4, "retries": 5, "failures": 6, "memory": 7, "database_size": 8,
             "disk_free": _MOST}
            for number, time in enumerate(_FLOATS)
        ],
        "settings": [{"name": "secret", "value": "s" * 64}, {"name": "имя", "value": ""}],
    }  # fmt: skip
