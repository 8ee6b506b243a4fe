"""Messages of the server itself to everyone, in the common chat."""

import asyncio
import time
from typing import cast

from messenger.jim.codec import encode
from messenger.jim.errors import ServerError
from messenger.jim.names import EVERYONE
from messenger.server.append import Append
from messenger.server.connection import Connection
from messenger.server.frames import PlainFrame
from messenger.server.journal import Journal
from messenger.server.records import Conversation, Session
from messenger.server.store.backend import RETRY_AFTER
from messenger.server.store.notices import Sender


class _Nowhere:
    """The connection of the server's own session: what is answered there is dropped."""

    def send(self, frame: bytes) -> None:
        """Drop the frame."""


class Notices:
    """Writes notices to the log, so that also those get them who are offline now."""

    def __init__(self, journal: Journal, loop: asyncio.AbstractEventLoop) -> None:
        self._journal = journal
        self._loop = loop
        # Delivery looks at a session's account, and answers it: nothing else of a connection.
        self._session = Session(cast("Connection", _Nowhere()), "", 0)
        self._waiting: dict[Append, asyncio.Future[None]] = {}
        journal.subscribe(self._stored)

    async def send(self, everyone: Conversation, sender: Sender, text: str) -> None:
        """Write a text to everyone; returns once it is committed. Raises ServerError."""
        frame = PlainFrame(time.time(), EVERYONE, sender.name, "utf-8", text)
        entry = Append(everyone, self._session, sender.id, None, encode(frame), None)
        self._session.outstanding += 1
        stored = self._waiting[entry] = self._loop.create_future()
        self._journal.append(entry)
        await stored

    def _stored(self, entries: list[Append]) -> None:
        if not self._waiting:
            return
        for entry in entries:
            if (stored := self._waiting.pop(entry, None)) is None or stored.done():
                continue
            if entry.seq:
                stored.set_result(None)
            else:
                stored.set_exception(
                    ServerError("The notice could not be stored", retry_after=RETRY_AFTER)
                )
