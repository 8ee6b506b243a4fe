"""The measure of the machine: a relay that stores nothing and checks nothing, written for speed.

It does what any server in Python has to do at least for each message (read, decode, find the
reader, answer, write once per link and turn), so a figure is quoted as a ratio to it, taken in
the same run: machines differ, and so do their days.
"""

import asyncio
from typing import Any, ClassVar

import msgspec
import uvloop


class Request(msgspec.Struct):
    """As much of a request as routing needs."""

    action: str
    to: str = ""
    room: str = ""
    user: dict[str, Any] = {}


decode = msgspec.json.Decoder(Request).decode
OK = b'{"response":200,"time":0,"alert":"OK"}\n'


class Link(asyncio.Protocol):
    """One link of the relay; all links know each other."""

    by_name: ClassVar[dict[str, "Link"]] = {}
    rooms: ClassVar[dict[str, list["Link"]]] = {}
    dirty: ClassVar[list["Link"]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport: Any = transport
        self.rest = b""
        self.queue: list[bytes] = []
        self.name = ""

    def data_received(self, data: bytes) -> None:
        """Take lines."""
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            request = decode(line)
            if request.action == "msg":
                self.pass_on(request.to, line)
            elif request.action == "presence":
                self.name = request.user["account_name"]
                self.by_name[self.name] = self
            elif request.action == "join":
                self.rooms.setdefault(request.room, []).append(self)
            self.send(OK)

    def pass_on(self, to: str, line: bytes) -> None:
        """Send a message to its readers."""
        frame = line[:-1] + b',"from":"' + self.name.encode() + b'"}\n'
        for reader in self.rooms[to] if to[0] == "#" else (self.by_name[to],):
            if reader is not self:
                reader.send(frame)

    def send(self, frame: bytes) -> None:
        """Queue a frame until the end of this turn."""
        if not self.queue:
            if not self.dirty:
                asyncio.get_running_loop().call_soon(flush)
            self.dirty.append(self)
        self.queue.append(frame)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's
        """Forget the link."""
        self.by_name.pop(self.name, None)
        for room in self.rooms.values():
            if self in room:
                room.remove(self)


def flush() -> None:
    """Write once for each link."""
    dirty, Link.dirty[:] = Link.dirty[:], []
    for link in dirty:
        link.transport.write(b"".join(link.queue))
        link.queue.clear()


async def serve() -> None:
    """Serve until killed."""
    listening = await asyncio.get_running_loop().create_server(Link, "127.0.0.1", 0, backlog=1024)
    print("port", listening.sockets[0].getsockname()[1], flush=True)
    await listening.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve())
