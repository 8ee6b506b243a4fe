"""Runs a server from its settings to its clean stop; the only place that wires its objects."""

import asyncio
import gc
import logging
from contextlib import ExitStack
from pathlib import Path

import msgspec
from sqlalchemy import Engine

from messenger.jim.errors import ServerError
from messenger.language import _
from messenger.output import write_line
from messenger.server import handlers
from messenger.server.acceptor import start_accepting
from messenger.server.admin_socket import OperatorSocket
from messenger.server.announcing import (
    Announce,
    OpensWindow,
    announce_server,
    log_settings,
    window_login,
)
from messenger.server.app import Server
from messenger.server.audit import Audit
from messenger.server.background import Background
from messenger.server.backup.backups import Backups
from messenger.server.backup.replacement import check_finished
from messenger.server.backup.source import default_directory, source_of
from messenger.server.config import Settings
from messenger.server.conversations import Conversations
from messenger.server.delivery import Delivery
from messenger.server.device_lists import DeviceLists
from messenger.server.ending import Ending
from messenger.server.engines import loop_factory, max_connections
from messenger.server.errors import CannotStart
from messenger.server.event_sender import EventSender
from messenger.server.examinations import Examinations
from messenger.server.handover import Following, Handover
from messenger.server.journal import Journal
from messenger.server.listener import Listener
from messenger.server.login_attempts import LoginAttempts
from messenger.server.monitoring.monitoring import Monitoring
from messenger.server.monitoring.service_manager import ServiceManager
from messenger.server.notices import Notices
from messenger.server.one_time_codes import OneTimeCode
from messenger.server.passwords import Passwords
from messenger.server.prepared_directory import prepare_directory
from messenger.server.presence import Online
from messenger.server.rates import Rates
from messenger.server.read_pool import ReadPool
from messenger.server.receipts import Receipts
from messenger.server.reloading import Reloader
from messenger.server.room_ownership import RoomOwnership
from messenger.server.services import Services
from messenger.server.sessions import Sessions
from messenger.server.settings.editor import SettingsEditor
from messenger.server.side_work import SideWork
from messenger.server.signals import Signals, ends_with_its_terminal, stop_at_end_of_input
from messenger.server.statistics.statistics import Statistics
from messenger.server.store import database
from messenger.server.store.location import DATABASE_FILE, file_url
from messenger.server.tls import Tls

_logger = logging.getLogger("messenger.server")

_PATIENCE = 30.0  # seconds: after a power cut PostgreSQL on the same host starts later, or recovers

__all__ = ["CannotStart", "handlers", "make_server", "open_database", "run"]


def run(
    settings: Settings,
    announce: Announce = write_line,
    *,
    stop_at_eof: bool = False,
    editor: SettingsEditor | None = None,
    handover: Handover | None = None,
    open_window: OpensWindow | None = None,
) -> Following | None:
    """Serve until SIGINT or SIGTERM; `announce` gets port and key once clients can connect.

    `editor` reads the settings again at SIGHUP. With `stop_at_eof` the end of standard input stops
    the server, too, so that it ends with the program that has started it. `open_window` gets what
    the window beside the server logs in with. Whatever fails, everything that was opened is closed
    in reverse order, and CannotStart says why.

    With a `handover`, of the server before in this process or an empty one, administrators may
    restart the server: then what follows is returned, and the caller has to start it, unless a
    signal has ended it meanwhile. Otherwise nothing is returned.
    """
    signals, following = Signals(), None
    try:
        with ExitStack() as opened:
            editor = editor or SettingsEditor({"data": settings.data}, {})
            following = _run(
                *(settings, announce, opened, editor, handover, open_window, signals),
                stop_at_eof=stop_at_eof,
            )
    except CannotStart as error:
        _logger.error("%s", error)
        raise
    except Exception as error:
        _logger.exception("The server failed")
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        log = settings.data / "log"
        raise CannotStart(
            _("The server failed ({reason}): see its log in {log}", reason=reason, log=log)
        ) from error
    finally:
        if following is None:
            signals.forget()
    return following


def _run(
    settings: Settings,
    announce: Announce,
    opened: ExitStack,
    editor: SettingsEditor,
    handover: Handover | None,
    open_window: OpensWindow | None,
    signals: Signals,
    *,
    stop_at_eof: bool,
) -> Following | None:
    before = handover or Handover()
    factory = loop_factory(settings.engine)
    directory = prepare_directory(settings, opened, before.lock, _PATIENCE)
    connections = max_connections(settings.engine, settings.limits.connections)
    limits = msgspec.structs.replace(settings.limits, connections=connections)
    settings = msgspec.structs.replace(settings, limits=limits)
    tls = Tls(settings)
    engine = open_database(settings, _PATIENCE, alone=True)
    opened.callback(engine.dispose)
    log_settings(settings, engine)
    # After a restart clients look for it where it was.
    listener = Listener(settings.address, settings.port or before.port)
    listener.open()
    opened.callback(listener.close)
    monitoring = Monitoring(settings)
    opened.callback(monitoring.close)
    runner = opened.enter_context(asyncio.Runner(loop_factory=factory))
    server = make_server(
        _with_port(settings, listener), engine, runner.get_loop(), tls, editor.path
    )
    reloader = _make_reloader(server, settings, listener, editor)
    server.services.backups.tell(before.restored or directory.undone)
    ending = server.services.ending = Ending(can_restart=handover is not None)
    serving = _serve(
        *(server, listener, monitoring, announce, reloader, ending, open_window),
        stop_at_eof=stop_at_eof,
    )
    signals.watch(server.loop, ending, lambda: _reload(reloader, monitoring.manager))
    try:
        runner.run(serving)
    except ServerError as error:
        raise database.unusable(engine, error.__cause__) from error
    if not ending.is_restart:
        return None
    handover = Handover(lock=directory.lock.hand_over(), port=listener.port)
    return Following(handover, ending, signals)


def make_server(
    settings: Settings,
    engine: Engine,
    loop: asyncio.AbstractEventLoop,
    tls: Tls,
    configuration: Path | None = None,
) -> Server:
    """Return a server with all its parts; this starts the database threads."""
    background = Background(loop)
    services = _make_services(settings, engine, loop, background, configuration)
    return Server(services, background, loop, tls)


def _make_services(
    settings: Settings,
    engine: Engine,
    loop: asyncio.AbstractEventLoop,
    background: Background,
    configuration: Path | None,
) -> Services:
    limits = settings.limits
    online, conversations = Online(), Conversations()
    events = EventSender(online)
    journal = Journal(engine, loop)
    read_pool = ReadPool(engine, loop, settings.reading_threads)
    receipts = Receipts(journal, events, online, limits.receipts_max_members)
    device_lists = DeviceLists(journal, conversations)
    ownership = RoomOwnership(journal, events, online, conversations)
    answer_always = settings.reply_to_messages == "always"
    delivery = Delivery(online, read_pool, receipts, background, answer_always=answer_always)
    journal.subscribe(delivery.deliver)
    sessions = Sessions(
        limits, journal, online, events, receipts, device_lists, ownership, background
    )
    return Services(
        settings=settings,
        journal=journal,
        read_pool=read_pool,
        online=online,
        sessions=sessions,
        conversations=conversations,
        delivery=delivery,
        events=events,
        receipts=receipts,
        device_lists=device_lists,
        room_ownership=ownership,
        passwords=Passwords(loop, limits.waiting_passwords),
        login_attempts=LoginAttempts(limits, read_pool, limits_on=settings.limits_on),
        rates=Rates(limits, limits_on=settings.limits_on),
        audit=Audit(journal),
        claim_code=OneTimeCode(),
        window_token=OneTimeCode(),
        notices=Notices(journal, loop),
        side_work=SideWork(),
        examinations=Examinations(loop),
        statistics=Statistics(
            journal,
            read_pool,
            sessions,
            online,
            background,
            loop,
            settings.data,
            engine.dialect.name,
        ),
        backups=Backups(
            source_of(settings, configuration or settings.data / "messenger.toml"),
            default_directory(settings),
            settings.backup_keep,
        ),
    )


def open_database(settings: Settings, patience: float = 0.0, *, alone: bool = False) -> Engine:
    """Return the database, its schema up to date; raises CannotStart.

    A database server that does not answer yet has so many seconds to start. A server has to be
    `alone`: another one that uses the database is an error.
    """
    check_finished(settings.data)
    url = settings.database or file_url(settings.data / DATABASE_FILE)
    engine = database.open_engine(url, settings.reading_threads)
    database.backend_of(engine).share(engine)
    try:
        database.prepare(engine, patience, alone=alone)
    except BaseException:
        engine.dispose()
        raise
    return engine


async def _serve(
    server: Server,
    listener: Listener,
    monitoring: Monitoring,
    announce: Announce,
    reloader: Reloader,
    ending: Ending,
    open_window: OpensWindow | None,
    *,
    stop_at_eof: bool,
) -> None:
    acceptors: list[asyncio.Server] = []
    operators = OperatorSocket(server)
    server.services.make_operator = operators.take
    try:
        if stop_at_eof:
            stop_at_end_of_input(ending.end)
        await server.open()
        await monitoring.start(server.services)
        _freeze_loaded_objects()
        await operators.open(server.services.settings.data)
        acceptors += await start_accepting(listener, server.new_connection)
        reloader.announce()
        monitoring.ready()
        announce_server(server, listener, announce)
        if open_window is not None:
            open_window(window_login(server))
        await ending.wait()
        _logger.info("Restarting" if ending.is_restart else "Stopping")
    finally:
        monitoring.stop(restarts=ending.is_restart)
        # First: connections that are accepted now would only be told that the server stops.
        for acceptor in acceptors:
            acceptor.close()
        operators.close()
        await server.close()
    _logger.info("Stopped")


def _with_port(settings: Settings, listener: Listener) -> Settings:
    """Return settings with a real port in the place of 0, as invitation links need one."""
    return msgspec.structs.replace(settings, port=listener.port)


def _make_reloader(
    server: Server, settings: Settings, listener: Listener, editor: SettingsEditor
) -> Reloader:
    services = server.services

    def use(new: Settings) -> None:
        services.settings = _with_port(new, listener)

    made = Reloader(
        *(settings, server.tls, listener, editor, use), by_signal=not ends_with_its_terminal()
    )
    services.editor, services.reloader = editor, made
    return made


def _reload(reloader: Reloader, manager: ServiceManager) -> None:
    manager.reloading()
    reloader.reload()
    manager.reloaded()


def _freeze_loaded_objects() -> None:
    """Make the garbage collector skip the objects that the server needs all the time."""
    # First, or garbage would be frozen as well.
    gc.collect()
    gc.freeze()
