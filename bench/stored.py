"""Fills a server's database with any number of messages, quickly, and keeps it for later runs."""

import tempfile
from pathlib import Path

import sqlcipher3.dbapi2 as sqlite

from bench import machine

_CONVERSATIONS = 1_000

_FILL = """
WITH RECURSIVE number(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM number WHERE i < :last)
INSERT INTO messages (message_key, sender_id, stored_at, frame)
SELECT ((1000 + i / :each) << 32) | (i % :each + 1), 1, 1.7e9 + i,
       '{"action":"msg","time":0,"to":"u1","from":"u0","encoding":"utf-8","message":"'
       || substr('xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
                 1, 80) || '"}'
FROM number
"""


def database_with(rows: int) -> Path:
    """Return the directory of a server that has stored this many messages."""
    directory = Path(tempfile.gettempdir()) / f"messenger-bench-{rows}"
    if (directory / "complete").exists():
        return directory
    directory.mkdir(exist_ok=True)
    with machine.server(directory):
        pass
    connection = sqlite.connect(str(directory / "messenger.db"), isolation_level=None)
    # Nothing here has to survive a crash, so it need not be synced.
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN")
    connection.execute(
        "INSERT INTO accounts (id, name, name_key, created_at) VALUES (1, 'stored', 'stored', 0)"
    )
    connection.executemany(
        "INSERT INTO conversations (id, room, creator_id, created_at) VALUES (?, ?, 1, 0)",
        [(1000 + number, f"#stored{number}") for number in range(_CONVERSATIONS)],
    )
    connection.execute(_FILL, {"last": rows - 1, "each": max(1, rows // _CONVERSATIONS)})
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    (directory / "complete").touch()
    return directory
