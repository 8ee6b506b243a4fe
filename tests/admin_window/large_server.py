"""A server's database with as much in it as an operator of a large server has."""

import random
import time
from pathlib import Path

from sqlalchemy import insert

from messenger.server.config import load_settings
from messenger.server.program import open_database
from messenger.server.store import database
from messenger.server.store.schema import accounts, devices, logins, metadata

ACCOUNTS = 100_000
LOGINS = 2_000
BLOCKED, ADMINISTRATORS = 40, 3
_FIRST = ("anna", "pavel", "olga", "ivan", "mira", "tom", "zoe", "lena", "max", "nina")
_DAY = 86_400


def name_of(number: int) -> str:
    """Return the name of an account, from 0 on."""
    return f"{_FIRST[number % len(_FIRST)]}.{number:05}"


def fill(data: Path, *, count: int = ACCOUNTS) -> None:
    """Create a server's directory with so many accounts, before the server is started."""
    chance = random.Random(7)
    now = time.time()
    people = [_account(number, now, chance) for number in range(count)]
    their_devices = [
        _device(number, place, now) for number in range(0, count, 3) for place in range(number % 4)
    ]
    history = [
        {
            "account_id": 1 + chance.randrange(count),
            "time": now - 30 * _DAY * (LOGINS - number) / LOGINS,
            "address": f"10.{chance.randrange(256)}.0.{chance.randrange(256)}",
            "program": "messenger 2",
        }
        for number in range(LOGINS)
    ]
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = open_database(load_settings({"data": data}, {}))
    try:
        with database.writer(engine) as connection, connection.begin():
            for table, rows in ((accounts, people), (devices, their_devices), (logins, history)):
                connection.execute(insert(table), rows)
            if "statistics" in metadata.tables:
                connection.execute(insert(metadata.tables["statistics"]), _figures(now, chance))
    finally:
        engine.dispose()


def _account(number: int, now: float, chance: random.Random) -> dict[str, object]:
    name = name_of(number)
    has_logged_in = chance.random() < 0.9
    return {
        "id": 1 + number,
        "name": name,
        "name_key": name,
        "guest": False,
        "blocked": number % (ACCOUNTS // BLOCKED) == 17,
        "role": "administrator" if number < ADMINISTRATORS else "user",
        "created_at": now - 400 * _DAY + number,
        "last_login": now - chance.random() * 90 * _DAY if has_logged_in else None,
        "last_address": f"10.{number % 256}.{number // 256 % 256}.7" if has_logged_in else None,
        "messages": chance.randrange(90_000),
        "bytes": chance.randrange(9_000_000),
    }


def _device(number: int, place: int, now: float) -> dict[str, object]:
    return {
        "account_id": 1 + number,
        "public_id": f"D{place}",
        "name": ("Laptop", "Phone", "Tablet")[place],
        "program": "messenger 2",
        "created_at": now - 30 * _DAY,
        "last_seen": now - place * _DAY,
    }


def _figures(now: float, chance: random.Random) -> list[dict[str, object]]:
    """Return the figures of the minutes of a day, and of the hours of a month."""
    return [
        _figure(span, int(now) // span * span - span * back, chance)
        for span, count in ((60, 24 * 60), (3_600, 30 * 24))
        for back in range(1, count)
    ]


def _figure(span: int, moment: int, chance: random.Random) -> dict[str, object]:
    busy = 1 - abs(moment % _DAY / _DAY - 0.6)
    return {
        "span": span,
        "time": moment,
        "seconds": span,
        "online": int(1_300 * busy + chance.randrange(40)),
        "sessions": int(1_500 * busy),
        "slow": chance.randrange(3),
        "messages": int(span / 60 * (500 * busy + chance.randrange(90))),
        "bytes": span * 900,
        "latency": f"5:{span} 8:{span // 3} 12:{1 + chance.randrange(span // 30)}",
        "transactions": span * 20,
        "retries": 0,
        "failures": 0,
        "lag": 0.002,
        "cpu": span * 0.2 * busy * chance.random(),
        "memory": 150_000_000 + int(4e7 * busy),
        "database_size": 4_200_000_000 - (int(time.time()) - moment) * 400,
        "disk_free": 200_000_000_000,
    }
