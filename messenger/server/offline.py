"""A server without a port, for administration while none runs: the same handlers, in a thread."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager

from sqlalchemy import Engine

from messenger.jim.errors import ServerError
from messenger.server.admin_socket import OperatorSocket
from messenger.server.config import Settings
from messenger.server.prepared_directory import prepare_directory
from messenger.server.program import make_server, open_database
from messenger.server.settings.editor import SettingsEditor
from messenger.server.store import database
from messenger.server.tls import Tls
from messenger.server.used_directory import check_directory


@contextmanager
def offline(settings: Settings, editor: SettingsEditor) -> Iterator[socket.socket]:
    """Run the server's services; yield a socket that is connected to them as an operator's.

    Meanwhile no server can start in the directory. Raises CannotStart, also if one runs there.
    """
    check_directory(settings)
    with ExitStack() as opened:
        prepare_directory(settings, opened)
        engine = open_database(settings, alone=True)
        opened.callback(engine.dispose)
        serving = _Serving(settings, engine, editor)
        opened.callback(serving.stop)
        serving.start()
        yield serving.socket


class _Serving:
    """An event loop in a thread of its own, with a server in it; `socket` is connected to that."""

    def __init__(self, settings: Settings, engine: Engine, editor: SettingsEditor) -> None:
        self._settings = settings
        self._editor = editor
        self._engine = engine
        self.socket, self._theirs = socket.socketpair()
        self._started: Future[None] = Future()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="offline server")

    def start(self) -> None:
        """Start, and wait until requests can be sent; raises CannotStart."""
        self._thread.start()
        try:
            self._started.result()
        except ServerError as error:
            raise database.unusable(self._engine, error.__cause__) from error

    def stop(self) -> None:
        """Commit what is pending, and end the thread."""
        self.socket.close()
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._theirs.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        # Whatever it is: the thread that waits has to know.
        except BaseException as error:
            if self._started.done():
                raise
            self._started.set_exception(error)

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self._loop = loop
        server = make_server(self._settings, self._engine, loop, Tls(self._settings))
        server.services.editor = self._editor
        try:
            await server.open()
            operators = OperatorSocket(server)
            self._theirs.setblocking(False)
            await loop.connect_accepted_socket(operators.new_connection, self._theirs)
            self._started.set_result(None)
            await self._stop.wait()
        finally:
            await server.close()
