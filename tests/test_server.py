"""The server's functions (R05): receive a message, build the answer, send it."""

import asyncio
import json
import tempfile
import unittest
from pathlib import Path
from typing import Any

import pytest

from messenger.jim.base import Reply
from messenger.jim.contacts import GetContacts
from messenger.jim.errors import BadRequest, BrokenStream, Unauthorized
from messenger.jim.session import Presence, User
from messenger.server import handlers
from messenger.server.config import Settings
from messenger.server.program import make_server, open_database
from messenger.server.records import Session
from messenger.server.tls import Tls


@pytest.mark.io
class ServerFunctions(unittest.IsolatedAsyncioTestCase):
    """R05, R07, R17: the functions are methods of `Server`, each tested by itself."""

    async def asyncSetUp(self) -> None:
        self.assertTrue(handlers)
        self.directory = tempfile.TemporaryDirectory()
        settings = Settings(data=Path(self.directory.name))
        self.engine = open_database(settings)
        loop = asyncio.get_running_loop()
        self.server = make_server(settings, self.engine, loop, Tls(settings))
        await self.server.open()
        listening = await loop.create_server(self.server.new_connection, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
        listening.close()
        while not self.server.services.sessions:
            await asyncio.sleep(0.01)
        self.session: Session = next(iter(self.server.services.sessions))

    async def asyncTearDown(self) -> None:
        self.writer.close()
        await self.server.close()
        self.engine.dispose()
        self.directory.cleanup()

    async def read(self) -> dict[str, Any]:
        """Return the next object that the client receives."""
        return dict(json.loads(await self.reader.readline()))

    async def test_r05_receive_returns_the_typed_message(self) -> None:
        frame = b'{"action": "presence", "time": 1, "user": {"account_name": "ann"}}'

        message = self.server.receive(frame)

        self.assertIsInstance(message, Presence)
        assert isinstance(message, Presence)
        self.assertEqual(message.user.name, "ann")

    async def test_r05_receive_refuses_invalid_messages(self) -> None:
        with self.assertRaises(BadRequest):
            self.server.receive(b'{"action": "nonsense"}')
        with self.assertRaises(BrokenStream):
            self.server.receive(b"nonsense")

    async def test_r05_build_answer_builds_the_reply(self) -> None:
        answer = self.server.build_answer(self.session, Presence(user=User("ann")))

        assert answer is not None
        assert not isinstance(answer, Reply)
        reply = await answer
        assert reply is not None
        self.assertEqual(reply.code, 200)

    async def test_r27_build_answer_refuses_a_request_that_needs_a_login(self) -> None:
        with self.assertRaises(Unauthorized):
            self.server.build_answer(self.session, GetContacts())

    async def test_r05_send_answer_sends_the_reply(self) -> None:
        self.server.send_answer(self.session, Reply(200), 7)

        answer = await self.read()
        self.assertEqual((answer["response"], answer["id"]), (200, 7))
        self.assertTrue(answer["alert"])


if __name__ == "__main__":
    unittest.main()
