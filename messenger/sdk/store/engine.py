"""Opens the local SQLite file, encrypted by SQLCipher, or a database in memory."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from messenger.files import make_private, private_directory, write_private
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.file_errors import (
    DatabaseDamaged,
    DatabaseUnusable,
    FileDamaged,
    FileUnwritable,
    KeyMissing,
    WrongKey,
)
from messenger.sdk.store import fulltext
from messenger.system_errors import reason_of

KEY_BYTES = 32  # SQLCipher encrypts with AES-256
NOT_A_DATABASE = "file is not a database"
"""SQLite's message for a file that the key does not decrypt."""

_PLAIN = b"SQLite format 3\0"
_PRIMARY_CODE = 0xFF  # SQLite's extended result codes use the higher bits, too.


def prepare_file(file: Path, key: bytes | None) -> bytes:
    """Create the file, which only its owner may read; return its key; raises StoreUnusable.

    Without a `key` the one in the file beside it is used.
    """
    try:
        private_directory(file.parent)
        key = key or key_beside(file)
        # Before SQLite creates it: the WAL and its index get the same permissions.
        file.touch(mode=0o600)
        make_private(file)
        if _is_plain(file):
            _encrypt(file, key)
    except OSError as error:
        raise FileUnwritable(file, reason_of(error)) from error
    return key


def open_engine(file: Path | None, key_now: Callable[[], bytes | None]) -> Engine:
    """Return the engine of a file that is prepared, or of a database in memory, without a key.

    After an interrupt it opens another connection, with the key of then.
    """
    import sqlcipher3.dbapi2 as sqlite

    engine = create_engine(
        # Not a string: SQLAlchemy would parse `?` and `%41` in a path as parts of a URL.
        URL.create("sqlite", database=str(file) if file is not None else None),
        module=sqlite,
        # One connection for all threads, under the lock of `Database`.
        poolclass=StaticPool,
        connect_args={"check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_with(key_now))
    event.listen(engine, "begin", _begin)
    return engine


def open_reader(file: Path, key: bytes) -> Any:
    """Return a connection of the driver that cannot write."""
    import sqlcipher3.dbapi2 as sqlite

    connection = sqlite.connect(str(file), isolation_level=None, check_same_thread=False)
    set_key(connection, key)
    fulltext.register(connection)
    # 16 MB: the pages that the list of 2,000 conversations reads. Decrypting one takes 10 µs.
    for pragma in ("busy_timeout=2000", "cache_size=-16000", "query_only=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _begin(connection: Connection) -> None:
    # The driver does not BEGIN by itself; by way of SQLAlchemy it would take ten times as long.
    driver: Any = connection.connection.driver_connection
    if driver.in_transaction:
        # Ctrl+C came before SQLAlchemy knew of the last one: it was not reported as done.
        driver.execute("ROLLBACK")
    driver.execute("BEGIN")


def put_key_beside(file: Path, key: bytes) -> None:
    """Store the key of a database in a file beside it; raises OSError."""
    write_private(_beside(file), f"{key.hex()}\n".encode())


def _beside(file: Path) -> Path:
    return file.with_name(file.name + ".key")


def key_beside(file: Path) -> bytes:
    """Return the key in the file beside the database, generated on first use.

    It is protected by that file's permissions (0600) only; a copy of the database alone reveals
    nothing. Raises StoreUnusable if the key of an existing database is missing, and OSError.
    """
    beside = _beside(file)
    text = beside.read_bytes() if beside.exists() else b""
    if not text.strip() and _holds_nothing(file):
        # Also after an interrupted first start: no data depends on the missing key.
        put_key_beside(file, secrets.token_bytes(KEY_BYTES))
        text = beside.read_bytes()
    try:
        key = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyMissing(file, beside.name)
    return key


def _holds_nothing(file: Path) -> bool:
    """Tell whether the database can be read without a key: it is empty, or not encrypted."""
    return not file.exists() or not file.stat().st_size or _is_plain(file)


def _is_plain(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(_PLAIN)) == _PLAIN


def set_key(connection: Any, key: bytes) -> None:
    """Set the key of an encrypted database on a connection of the driver.

    A key may be followed by the salt (16 bytes) that a new file begins with.
    """
    # SQLCipher would print a wrong key's error to the terminal; the caller reports it.
    connection.execute("PRAGMA cipher_log_level = NONE")
    # A raw key (x'...') is used as it is; SQLCipher would stretch a passphrase at every start.
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")


def check_pages(file: Path, key: bytes) -> None:
    """Raise WrongKey if the key does not decrypt the file, StoreUnusable if it is damaged."""
    import sqlcipher3.dbapi2 as sqlite

    # Read-only: a backup that is only checked must not be changed.
    connection = sqlite.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
    try:
        set_key(connection, key)
        connection.execute("SELECT count(*) FROM sqlite_master")
        damaged = connection.execute("PRAGMA cipher_integrity_check").fetchone()
    except sqlite.DatabaseError as error:
        raise WrongKey(file) from error
    finally:
        connection.close()
    if damaged is not None:
        raise FileDamaged(file)


def opens(file: Path, key: bytes) -> bool:
    """Tell whether a key decrypts a database; raises StoreUnusable if that cannot be tried now."""
    import sqlcipher3.dbapi2 as sqlite

    connection = sqlite.connect(str(file), isolation_level=None)
    try:
        set_key(connection, key)
        # SQLCipher uses the key at the first read, not before.
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite.DatabaseError as error:
        if NOT_A_DATABASE in str(error):
            return False
        raise unusable_now(error) from error
    finally:
        connection.close()
    return True


def unusable_now(error: BaseException | None) -> StoreUnusable:
    """Return the error to raise for one of SQLite's: unusable for now, or damaged."""
    import sqlcipher3.dbapi2 as sqlite

    # Other failures, such as a constraint that a server's wrong reply violates, damage nothing.
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
    if code in (sqlite.SQLITE_CORRUPT, sqlite.SQLITE_NOTADB):
        return DatabaseDamaged(str(error))
    return DatabaseUnusable(str(error))


def rekey(connection: Any, key: bytes) -> None:
    """Encrypt an open database with another key, on a connection of the driver."""
    # If another program is writing, this fails with SQLITE_BUSY; SQLCipher would report a wrong
    # PRAGMA.
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("ROLLBACK")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute(f"PRAGMA rekey = \"x'{key.hex()}'\"")


def change_key(file: Path, old: bytes, new: bytes) -> None:
    """Encrypt a database that nobody has open with another key; raises StoreUnusable."""
    import sqlcipher3.dbapi2 as sqlite

    connection = sqlite.connect(str(file), isolation_level=None)
    try:
        set_key(connection, old)
        rekey(connection, new)
    except sqlite.DatabaseError as error:
        raise unusable_now(error) from error
    finally:
        connection.close()


def _prepare_with(key_now: Callable[[], bytes | None]) -> Callable[[Any, object], None]:
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        if (key := key_now()) is not None:
            set_key(connection, key)
        fulltext.register(connection)
        cursor = connection.cursor()
        # FULL: with WAL and NORMAL a power failure may undo the last commits, such as the ratchet
        # of a session by which a message has left. Two seconds: another program's transaction.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=2000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return prepare


def _encrypt(file: Path, key: bytes) -> None:
    """Encrypt a database of a version that did not encrypt it."""
    import sqlcipher3.dbapi2 as sqlite

    new = file.with_name(file.name + ".new")
    new.unlink(missing_ok=True)  # left by an interrupted attempt
    new.touch(mode=0o600)
    plain = sqlite.connect(str(file), isolation_level=None)
    try:
        fulltext.register(plain)
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        plain.execute(f"ATTACH DATABASE ? AS encrypted KEY \"x'{key.hex()}'\"", (str(new),))
        plain.execute("SELECT sqlcipher_export('encrypted')")
        # `sqlcipher_export` does not copy it, and the migration depends on it.
        version = plain.execute("PRAGMA user_version").fetchone()[0]
        plain.execute(f"PRAGMA encrypted.user_version = {version}")
        plain.execute("DETACH DATABASE encrypted")
    finally:
        plain.close()
    # Only now: after a crash before this the plain database is still complete.
    new.replace(file)
