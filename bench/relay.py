"""The baseline of the machine: a relay that stores nothing and checks nothing, written for speed.

It does the least that any server in Python has to do for each message (read, decode, find the
recipient, answer, write once per connection and turn of the loop). Figures are quoted as a ratio to
it, taken in the same run, because machines differ, and so do their days.
"""

import asyncio
from typing import Any, ClassVar

import msgspec
import uvloop


class Request(msgspec.Struct):
    """The keys of a request that routing needs."""

    action: str
    to: str = ""
    room: str = ""
    user: dict[str, Any] = {}


decode = msgspec.json.Decoder(Request).decode
OK = b'{"response":200,"time":0,"alert":"OK"}\n'


class Connection(asyncio.Protocol):
    """One connection of the relay; all of them know each other."""

    by_name: ClassVar[dict[str, "Connection"]] = {}
    rooms: ClassVar[dict[str, list["Connection"]]] = {}
    dirty: ClassVar[list["Connection"]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin without a name."""
        self.transport: Any = transport
        self.rest = b""
        self.queue: list[bytes] = []
        self.name = ""

    def data_received(self, data: bytes) -> None:
        """Handle the complete lines."""
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            request = decode(line)
            if request.action == "msg":
                self.forward(request.to, line)
            elif request.action == "presence":
                self.name = request.user["account_name"]
                self.by_name[self.name] = self
            elif request.action == "join":
                self.rooms.setdefault(request.room, []).append(self)
            self.send(OK)

    def forward(self, to: str, line: bytes) -> None:
        """Send a message to its recipients."""
        frame = line[:-1] + b',"from":"' + self.name.encode() + b'"}\n'
        for recipient in self.rooms[to] if to[0] == "#" else (self.by_name[to],):
            if recipient is not self:
                recipient.send(frame)

    def send(self, frame: bytes) -> None:
        """Queue a frame until the end of this turn of the loop."""
        if not self.queue:
            if not self.dirty:
                asyncio.get_running_loop().call_soon(flush)
            self.dirty.append(self)
        self.queue.append(frame)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's
        """Remove the client from the names and rooms."""
        self.by_name.pop(self.name, None)
        for room in self.rooms.values():
            if self in room:
                room.remove(self)


def flush() -> None:
    """Write once to each connection."""
    dirty, Connection.dirty[:] = Connection.dirty[:], []
    for connection in dirty:
        connection.transport.write(b"".join(connection.queue))
        connection.queue.clear()


async def serve() -> None:
    """Serve until killed."""
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(Connection, "127.0.0.1", 0, backlog=1024)
    print("port", listening.sockets[0].getsockname()[1], flush=True)
    await listening.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve())
