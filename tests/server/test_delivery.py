"""Messages committed but not delivered yet: the log has them, connections get them later."""

import asyncio
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from messenger.server.config import Settings
from messenger.server.program import make_server, open_database
from messenger.server.tls import Tls
from tests.running import Talker


class LateNews:
    """An event loop that learns late of a thread's results, as on a busy machine."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def call_soon_threadsafe(self, call: Callable[..., Any], *arguments: Any) -> None:
        time.sleep(0.02)
        self._loop.call_soon_threadsafe(call, *arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)


def test_a_message_read_from_the_log_before_its_delivery_arrives_once(tmp_path: Path) -> None:
    heard = asyncio.run(_serve_late(tmp_path, _come_back))

    assert heard == [str(number) for number in range(600)]


def _come_back(port: int) -> list[str]:
    """Write to somebody offline, and go on while he logs in; return the messages that he gets."""
    with Talker(port) as ann, Talker(port) as bob:
        for one, name in ((ann, "ann"), (bob, "bob")):
            one.register(name)
            one.log_in(name)
        bob.close()
        for number in range(300):
            ann.send("msg", to="bob", message=str(number))
        with Talker(port) as again:
            again.log_in("bob")
            for number in range(300, 600):
                ann.send("msg", to="bob", message=str(number))
                time.sleep(0.001)
            return [str(again.event("msg")["message"]) for _ in range(600)]


async def _serve_late(data: Path, talk: Callable[[int], list[str]]) -> list[str]:
    loop = asyncio.get_running_loop()
    settings = Settings(data=data, limits_on=False)
    engine = open_database(settings)
    server = make_server(settings, engine, loop, Tls(settings))
    server.services.journal._loop = LateNews(loop)  # type: ignore[assignment]  # all that the journal uses
    await server.open()
    listening = socket.create_server(("127.0.0.1", 0))
    door = await loop.create_server(server.new_connection, sock=listening)
    try:
        return await loop.run_in_executor(None, talk, listening.getsockname()[1])
    finally:
        door.close()
        await server.close()
        engine.dispose()
