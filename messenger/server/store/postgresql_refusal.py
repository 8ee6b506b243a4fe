"""Finds out by which SQLSTATE PostgreSQL refuses a connection: its text may be in any language.

libpq keeps only the text of a failed connection; its trace of the protocol has the code. Only
Linux has this trace: elsewhere the text has to do.
"""

import os
import re
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

_TIMEOUT = 2.0  # seconds, as for every connection

# libpq writes the severity, in PostgreSQL's language, and two spaces before what PostgreSQL says.
_SAID_BY_POSTGRESQL = re.compile(r"failed: [^:\n]+:  ")
_CODE = re.compile(r'\tErrorResponse\t S "[^"]*"(?: V "[^"]*")? C "(\w{5})"')


@contextmanager
def naming_refusals(engine: Engine) -> Iterator[None]:
    """Give errors of connecting in this block the SQLSTATE with which PostgreSQL answers."""
    try:
        yield
    except DBAPIError as error:
        refused: Any = error.orig  # psycopg's, whose SQLSTATE is None if connecting has failed
        if refused.sqlstate is None and _SAID_BY_POSTGRESQL.search(str(refused)):
            refused.sqlstate = _ask(engine)
        raise


def _ask(engine: Engine) -> str | None:
    """Connect once more; return the SQLSTATE of the last refusal."""
    from psycopg import NotSupportedError
    from psycopg.conninfo import make_conninfo

    _none, parameters = engine.dialect.create_connect_args(engine.url)
    parameters.pop("context", None)  # psycopg's, not libpq's
    try:
        found = _CODE.findall(_trace(make_conninfo(**parameters)))
    except (NotSupportedError, AttributeError):  # not Linux
        return None
    # Of several hosts, libpq passes over those that are starting up.
    return found[-1] if found else None


def _trace(parameters: str) -> str:
    """Return the trace of a connection until it is made or refused."""
    from psycopg.pq import PGconn, PollingStatus

    # In memory: a trace may show a password.
    file = os.memfd_create("trace")
    stream = os.dup(file)
    try:
        connection = PGconn.connect_start(parameters.encode())
        # psycopg wraps the descriptor in a C stream that it never closes.
        connection.trace(stream)
        end = time.monotonic() + _TIMEOUT
        while (status := connection.connect_poll()) not in (PollingStatus.OK, PollingStatus.FAILED):
            waiting = select.poll()
            is_reading = status == PollingStatus.READING
            waiting.register(connection.socket, select.POLLIN if is_reading else select.POLLOUT)
            if not waiting.poll(1000 * max(0.0, end - time.monotonic())):
                break
        connection.untrace()
        connection.finish()
        return os.pread(file, 100_000, 0).decode(errors="replace")
    finally:
        os.close(stream)
        os.close(file)
