"""Runs a server from its settings to its clean stop: the one place that wires its objects."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from collections.abc import Callable

import msgspec
from sqlalchemy import Engine

from messenger.crypto.certificates import grouped
from messenger.language import _
from messenger.log.server_log_config import configure
from messenger.server import handlers
from messenger.server.app import Server
from messenger.server.config import Settings
from messenger.server.engines import EngineMissing, loop_factory, most_connections
from messenger.server.listener import CannotListen, Listener
from messenger.server.store import database
from messenger.server.store.database import DatabaseUnusable
from messenger.server.tls import CertificateUnusable, Tls

_logger = logging.getLogger("messenger.server")

__all__ = ["CannotStart", "handlers", "open_database", "run"]


class CannotStart(Exception):
    """The server cannot start; the text is one sentence that says what to do."""


def run(
    settings: Settings, announce: Callable[[str], None] = print, *, stop_at_eof: bool = False
) -> None:
    """Serve until SIGINT or SIGTERM; `announce` is told that clients may come, and the key.

    With `stop_at_eof` the end of standard input is such a signal, too: the server stops with the
    program that has started it, however that ends. Raises CannotStart.
    """
    try:
        factory = loop_factory(settings.engine)
        release = _prepare_directory(settings)
    except EngineMissing as error:
        raise CannotStart(str(error)) from error
    try:
        tls = Tls(settings)
        engine = open_database(settings)
        listener = Listener(settings.address, settings.port)
        listener.open()
        most = most_connections(settings.engine, settings.limits.connections)
        limits = msgspec.structs.replace(settings.limits, connections=most)
        settings = msgspec.structs.replace(settings, limits=limits)
        with asyncio.Runner(loop_factory=factory) as runner:
            server = Server(settings, engine, runner.get_loop(), tls)
            runner.run(_serve(server, listener, announce, stop_at_eof=stop_at_eof))
        engine.dispose()
    except (CannotListen, CertificateUnusable) as error:
        raise CannotStart(str(error)) from error
    finally:
        release()


def open_database(settings: Settings) -> Engine:
    """Return the database, its schema up to date; raises CannotStart."""
    url = settings.database or f"sqlite:///{settings.data / 'messenger.db'}"
    engine = database.open_engine(url, settings.reading_threads)
    try:
        database.prepare(engine)
    except DatabaseUnusable as error:
        raise CannotStart(str(error)) from error
    return engine


def _prepare_directory(settings: Settings) -> Callable[[], None]:
    data = settings.data
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        release = database.lock_file(data)
        configure(data / "log", settings.log_level, keep_days=settings.log_days)
    except OSError as error:
        reason = error.strerror or error
        raise CannotStart(
            _(
                "The directory {data} cannot be used ({reason}): choose another with --data",
                data=data,
                reason=reason,
            )
        ) from error
    except DatabaseUnusable as error:
        raise CannotStart(str(error)) from error
    return release


async def _serve(
    server: Server, listener: Listener, announce: Callable[[str], None], *, stop_at_eof: bool
) -> None:
    loop = server.loop
    stop = asyncio.Event()
    with contextlib.suppress(NotImplementedError):  # on Windows Ctrl+C ends it all the same
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGHUP, _reload, server.tls)
    if stop_at_eof:
        loop.add_reader(sys.stdin, _stop_at_eof, stop)
    if not server.settings.limits_on:
        _logger.warning("Limits in time are off: for tests and benchmarks only")
    await server.open()
    _look_for_garbage_seldom()
    doors = [
        await loop.create_server(server.new_connection, sock=listening, backlog=listener.backlog)
        for listening in listener.sockets
    ]
    where = listener.address or _("all addresses")
    _logger.info("Listening on port %d of %s (%s)", listener.port, where, type(loop).__module__)
    _logger.info("The fingerprint of the server's key is %s", server.tls.fingerprint)
    announce(_("Messenger listens on port {port} of {where}", port=listener.port, where=where))
    shown = grouped(server.tls.fingerprint)
    announce(_("The fingerprint of its key is {fingerprint}", fingerprint=shown))
    await stop.wait()
    _logger.info("Stopping")
    for door in doors:
        door.close()
    await server.close()
    _logger.info("Stopped")


def _reload(tls: Tls) -> None:
    """Take a renewed certificate; links that are there stay as they are."""
    try:
        tls.reload()
    except CertificateUnusable as error:
        _logger.error("The old certificate stays in use: %s", error)
    else:
        _logger.info("The certificate is loaded anew; fingerprint %s", tls.fingerprint)


def _stop_at_eof(stop: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 1024):
        asyncio.get_running_loop().remove_reader(sys.stdin)
        stop.set()


def _look_for_garbage_seldom() -> None:
    """Messages leave no cycles behind: at its usual rate the collector costs 1 µs for each."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
