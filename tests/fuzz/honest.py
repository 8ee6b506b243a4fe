"""Two honest people who go on talking, whatever others do meanwhile."""

import queue
from pathlib import Path

from messenger.jim.rooms import Join
from messenger.sdk import AsyncClient, Client, Credentials, MessageReceived, Store
from messenger.sdk.events import MessageDecrypted
from tests.fuzz.findings import Found
from tests.running import PASSWORD

EVERYONE = "#all"
_PATIENCE = 30.0


Heard = queue.SimpleQueue[str]


def hearing(client: Client | AsyncClient) -> Heard:
    """Return a queue of the texts that the client receives from now on."""
    heard: Heard = queue.SimpleQueue()
    for event in (MessageReceived, MessageDecrypted):
        client.on(event)(lambda event: heard.put(event.message.text))
    return heard


def wait_until_heard(heard: Heard, text: str, name: str) -> None:
    """Wait until this text has arrived; raises Found if it does not arrive in time."""
    try:
        while heard.get(timeout=_PATIENCE) != text:
            pass
    except queue.Empty:
        raise Found(f"{name} does not receive {text!r}") from None


class Person(Client):
    """A client with a database, which queues the texts that it receives."""

    def __init__(self, name: str, port: int, file: Path) -> None:
        super().__init__("127.0.0.1", port, Credentials(name, PASSWORD, register=True), Store(file))
        self.name = name
        self._heard = hearing(self)
        self.start()
        assert self.wait_until_online(_PATIENCE)

    def end(self) -> None:
        """Close the client and its database."""
        self.close()
        self.store.close()

    def wait_for(self, text: str) -> None:
        """Wait until this text has arrived; raises Found if it does not arrive in time."""
        wait_until_heard(self._heard, text, self.name)


class Pair:
    """Two people who write to each other, in a room of their own, and in the common chat."""

    def __init__(self, names: tuple[str, str], port: int, directory: Path, room: str) -> None:
        self.room = room
        self.ann, self.bob = (
            Person(name, port, directory / f"{number}.db") for number, name in enumerate(names)
        )
        for one in (self.ann, self.bob):
            one.ask(Join(room=room))
        self._said = 0

    def talk(self) -> None:
        """Write everywhere, and wait until the other has read it; raises Found."""
        for writer, reader in ((self.ann, self.bob), (self.bob, self.ann)):
            for conversation in (reader.name, self.room, EVERYONE):
                self._said += 1
                text = f"{conversation} {self._said}"
                writer.send_text(conversation, text)
                reader.wait_for(text)

    def end(self) -> None:
        """Close both."""
        self.ann.end()
        self.bob.end()
