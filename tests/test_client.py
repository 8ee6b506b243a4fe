"""The client's functions (R03): build a presence, send a message, receive an answer, parse it."""

import json
import socket
import tempfile
import unittest
from pathlib import Path

from messenger.jim.codec import decode_request, encode
from messenger.jim.errors import ProtocolError
from messenger.jim.messages import Message
from messenger.sdk.client import Client
from messenger.sdk.credentials import Credentials
from messenger.sdk.events import ConnectionState, MessageReceived, StateChanged
from tests.running import RunningServer, until


class ClientFunctions(unittest.TestCase):
    """R03, R07, R17: the functions are methods of `Client`, each tested by itself."""

    def setUp(self) -> None:
        self.server, ours = socket.socketpair()
        self.server.settimeout(60)
        self.client = Client("127.0.0.1", 7777, Credentials("ann"))
        self.client._socket = ours
        self.client.core.connected(0)
        self.greeting = self.client.core.data_to_send()

    def tearDown(self) -> None:
        self.client.close()
        self.client.store.close()
        self.server.close()

    def test_r03_build_presence_names_the_user_and_the_status(self) -> None:
        presence = self.client.build_presence("at lunch", away=True)

        self.assertEqual(
            json.loads(encode(presence)),
            {
                "action": "presence",
                "type": "away",
                "user": {"account_name": "ann", "status": "at lunch"},
            },
        )

    def test_r03_send_writes_to_the_server(self) -> None:
        self.client.send(b'{"action": "quit"}\n')

        self.assertEqual(self.server.recv(100), b'{"action": "quit"}\n')

    def test_r03_send_without_a_connection_raises(self) -> None:
        assert self.client._socket is not None
        self.addCleanup(self.client._socket.close)
        self.client._break()
        self.client._socket = None

        with self.assertRaises(ConnectionError):
            self.client.send(b"{}")

    def test_r03_receive_returns_the_bytes_that_the_server_has_sent(self) -> None:
        self.server.sendall(b'{"response": 200}\n')

        self.assertEqual(self.client.receive(), b'{"response": 200}\n')

    def test_r03_receive_returns_nothing_once_the_server_has_closed(self) -> None:
        self.server.close()

        self.assertEqual(self.client.receive(), b"")

    def test_r03_parse_returns_what_has_happened(self) -> None:
        message = Message(time=1, to="ann", from_="bob", message="hi")

        events = self.client.parse(encode(message) + b"\n")

        received = [event for event in events if isinstance(event, MessageReceived)]
        self.assertEqual([event.message.text for event in received], ["hi"])

    def test_r03_parse_understands_the_answer_to_the_presence(self) -> None:
        request = decode_request(self.greeting)
        answer = {"response": 200, "time": 1, "alert": "hi", "jim": 2, "id": request.id}
        self.client.parse(json.dumps(answer).encode() + b"\n")
        asks_for_contacts = decode_request(self.client.core.data_to_send())
        answer = {"response": "202", "alert": "[]", "contacts": [], "id": asks_for_contacts.id}

        events = self.client.parse(json.dumps(answer).encode() + b"\n")

        self.assertIn(StateChanged(ConnectionState.ONLINE), events)

    def test_r03_parse_refuses_other_protocols(self) -> None:
        with self.assertRaises(ProtocolError):
            self.client.parse(b"HTTP/1.1 400 Bad Request\r\n\r\n")


class TwoClients(unittest.TestCase):
    """R01, R16: two users exchange messages, each receiving and sending in threads."""

    def test_r16_two_clients_talk_at_the_same_time(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            server = RunningServer(Path(directory), "--limits", "off")
            clients = [
                Client("127.0.0.1", server.port, Credentials(name)) for name in ("ann", "bob")
            ]
            heard: dict[str, list[str]] = {"ann": [], "bob": []}
            for client in clients:
                mine = heard[client.core.credentials.name]
                client.on(MessageReceived)(lambda event, mine=mine: mine.append(event.message.text))
                client.start()
            try:
                for client in clients:
                    self.assertTrue(client.wait_until_online(60))
                for number in range(20):
                    clients[0].send_text("bob", f"to bob {number}")
                    clients[1].send_text("ann", f"to ann {number}")
                for client in clients:
                    self.assertTrue(client.wait_until_sent(60))
                until(lambda: all(len(mine) == 20 for mine in heard.values()))
            finally:
                for client in clients:
                    client.close()
                server.stop()

        self.assertEqual(heard["bob"], [f"to bob {number}" for number in range(20)])
        self.assertEqual(heard["ann"], [f"to ann {number}" for number in range(20)])


if __name__ == "__main__":
    unittest.main()
