"""Requests in order: received, decoded, passed to their handlers, and answered."""

import asyncio
from collections import deque
from collections.abc import Coroutine
from typing import Any

from messenger.jim.base import Reply
from messenger.jim.codec import Incoming, decode_request, request_id
from messenger.jim.errors import ProtocolError
from messenger.jim.fields import RequestId
from messenger.log import log
from messenger.server.actions import TABLE, Answer, Answering
from messenger.server.answers import refuse
from messenger.server.background import Background
from messenger.server.connection import Connection
from messenger.server.records import Session
from messenger.server.replies import encode_reply
from messenger.server.services import Services


class Pipeline:
    """Answers the requests of each session in their order; all of it runs on the event loop.

    Messages are pipelined: several may wait for their commit. Any other request waits until they
    are answered, and later requests wait for its answer.
    """

    def __init__(
        self, services: Services, background: Background, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.services = services
        self.loop = loop
        self._background = background
        self._limits = services.limits
        self._rates = services.rates

    @log
    def receive(self, frame: bytes) -> Incoming:
        """Return the request that a client sent; raises ProtocolError."""
        return decode_request(frame)

    def build_answer(self, session: Session, request: Incoming, frame: bytes = b"") -> Answering:
        """Call the handler; it returns a reply, a coroutine for one, or None if it is sent later.

        `frame` are the request's bytes. Raises ProtocolError if the request is refused.
        """
        action = TABLE[type(request)]
        # A request that had to wait is tried again, but was counted already.
        if action.rate is not None and not session.is_counted:
            self._rates.count(action.rate, session.account)
            session.is_counted = True
        if action.with_frame:
            return action.handler(self.services, session, request, frame)
        return action.handler(self.services, session, request)

    @log
    def send_answer(self, session: Session, reply: Reply, id: RequestId | None = None) -> None:
        """Send a reply, with the `id` of its request."""
        session.connection.send(encode_reply(reply, id))

    def received(self, connection: Connection, data: bytes) -> None:
        """Handle the requests that these bytes complete, or queue them behind others that wait."""
        session: Session = connection.session
        if self.services.sessions.closing:
            return
        session.heard = self.loop.time()
        frames = session.framer.feed(data)
        # A client that ends its objects with line feeds splits the stream at them, too.
        if connection.paced and session.framer.newline:
            connection.paced = False
        if session.inbox:
            session.inbox.extend(frames)
            self._watch_inbox(session)
        else:
            self._handle(session, frames)
        if session.framer.error is not None:
            self._end_broken(session, session.framer.error)

    def resume(self, session: Session) -> None:
        """Continue with the requests that waited, unless one before them has ended all."""
        if self.services.sessions.closing or session.connection.is_closing:
            return
        session.waiting = False
        inbox, session.inbox = session.inbox, None
        if inbox:
            self._handle(session, list(inbox))
        if not session.inbox:
            session.connection.resume_reading()
            if session.framer.error is not None:
                self._end_broken(session, session.framer.error)

    def _handle(self, session: Session, frames: list[bytes]) -> None:
        """Handle requests in order, until one has to wait for an earlier answer."""
        for index, frame in enumerate(frames):
            if session.busy or not self._handle_one(session, frame):
                # As if they had not arrived: their answers could not be sent any more.
                if session.connection.is_closing:
                    return
                session.inbox = deque(frames[index:])
                session.waiting = True
                self._watch_inbox(session)
                return
            session.is_counted = False

    def _handle_one(self, session: Session, frame: bytes) -> bool:
        """Handle one request; False if it has to wait, or has ended the connection."""
        request = None
        try:
            request = self.receive(frame)
            if session.outstanding and (
                not TABLE[type(request)].pipelined
                or session.outstanding >= self._limits.pipelined_messages
            ):
                return False
            answer = self.build_answer(session, request, frame)
        except Exception as error:
            # A refusal must not overtake the answers to earlier messages.
            if session.outstanding and isinstance(error, ProtocolError):
                return False
            refuse(session, error, request.id if request else request_id(frame))
            return not session.connection.is_closing
        return answer is None or self._answer(session, request, answer)

    def _answer(
        self, session: Session, request: Incoming, answer: Reply | Coroutine[Any, Any, Answer]
    ) -> bool:
        """Send the reply now, or once its coroutine is done; False if the request has to wait."""
        if isinstance(answer, Reply):
            self.send_answer(session, answer, request.id)
        elif session.outstanding:
            # The handler has to await something, and would overtake earlier messages.
            answer.close()
            return False
        else:
            session.busy = True
            self._background.spawn(self._answer_later(session, request, answer))
        return True

    async def _answer_later(
        self, session: Session, request: Incoming, answer: Coroutine[Any, Any, Answer]
    ) -> None:
        try:
            reply = await self._unless_gone(session, request, answer)
            if reply is not None:
                self.send_answer(session, reply, request.id)
        # Whatever it is: the requests behind this one wait for the end of `busy`.
        except Exception as error:
            refuse(session, error, request.id)
        session.busy = False
        if session.waiting:
            # The request may have made it an operator's.
            session.connection.application.resume(session)

    async def _unless_gone(
        self, session: Session, request: Incoming, answer: Coroutine[Any, Any, Answer]
    ) -> Answer:
        """Run the handler, unless the session has been logged out before its turn."""
        if session.account is None and TABLE[type(request)].login:
            # A coroutine that is never awaited would warn (RuntimeWarning).
            answer.close()
            return None
        return await answer

    def _end_broken(self, session: Session, error: ProtocolError) -> None:
        """Close a connection whose framing is broken, once earlier requests are answered."""
        if session.inbox or session.busy or session.outstanding:
            session.waiting = True
        else:
            self.services.sessions.end(session, error)

    def _watch_inbox(self, session: Session) -> None:
        """Stop reading while too many requests wait: the peer waits, our memory does not fill."""
        if session.inbox is not None and len(session.inbox) > self._limits.waiting_requests:
            session.connection.pause_reading()
