"""Cuts a byte stream into JSON objects: newline-terminated or bare, split anywhere.

JIM has no framing of its own (clients in the wild write one `json.dumps` per `send`), so the end
of an object is found by its braces. The common case, whole lines with one object each, is
recognised by counting bytes in C.
"""

import re

from messenger.jim.errors import BrokenStream, ProtocolError, TooLarge

DEFAULT_LIMIT = 64 * 1024
# Twice what a message may have (docs/protocol.md): between the two only the message is refused.
_MAX_DEPTH = 32

# A byte order mark counts as white space: .NET's UTF-8 writers begin with one.
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SPACE = re.compile(rb"(?:[ \t\r\n]|%b)*" % _BYTE_ORDER_MARK)
_BRACE_OR_QUOTE = re.compile(rb'[{}"]')
# A quote is no seam: an encrypted message is JSON within a string, which `}"` ends.
_SEAM_IN_LINE = re.compile(rb"\}[ \t\r]*[^ \t\r\n,}\]\"]")
# Bytes: whoever sends one large object in small parts must not have it copied with each of them.
_MAX_JOINED = 1024 * 1024
# Possessive, so that no string makes it backtrack.
# A control character cannot stand in a JSON string (RFC 8259, 7), so no newline hides in one.
_STRING_BODY = re.compile(rb'[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+')
_EXPECTED = 'Expected JSON objects of JIM, such as {"action": "presence", ...}'


class Framer:
    """Cuts a stream into objects.

    `limit` is the size of the largest object, in bytes, and may change between two calls.
    `newline` tells whether the peer has ever ended an object with a newline, and so reads lines.
    `error` is what was wrong with the stream: nothing can be read after it.
    """

    __slots__ = (
        "_buffer", "_depth", "_in_string", "_position", "_start", "error", "limit", "newline",
    )  # fmt: skip

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self.limit = limit
        self.newline = False
        self.error: ProtocolError | None = None
        self._buffer = bytearray()
        self._start = 0
        self._position = 0
        self._depth = 0
        self._in_string = False

    def feed(self, data: bytes) -> list[bytes]:
        """Add received bytes; return the objects that are complete, in order.

        It never raises: look at `error` after having handled the objects.
        """
        if self.error is not None:
            return []
        if not self._position:
            return self._after_an_object(data)
        # Lines may follow the object whose end is looked for: otherwise a busy stream, in which
        # every read ends within an object, would be searched for braces for ever.
        begun = self._objects(data, most=1)
        if self._position or self.error is not None:
            return begun
        data = bytes(self._buffer)
        self._buffer.clear()
        return begun + self._after_an_object(data)

    def _after_an_object(self, data: bytes) -> list[bytes]:
        if not self._buffer and data[:1] == b"\n":  # that of the object before
            self.newline = True
            data = data[1:]
        frames = self._whole_lines(data)
        return self._objects(data) if frames is None else frames

    def _whole_lines(self, data: bytes) -> list[bytes] | None:
        """Return the objects of whole lines; None if their ends have to be found by their braces.

        The beginning of a line waits in the buffer, and is not looked at as long as it cannot be a
        whole object.
        """
        size = len(self._buffer) + len(data)
        end = data.rfind(b"\n") + 1
        rest = data[end:]
        if size > _MAX_JOINED or (len(rest) if end else size) > self.limit:
            return None
        if rest and not ((self.newline or end) and _is_incomplete(rest)):
            return None
        # What begins otherwise is no object, and is refused at once.
        if (end or not self._buffer) and rest[:1] not in (b"", b"{"):
            return None
        if not end:
            self._buffer += rest
            return []
        lines = bytes(self._buffer) + data[:end]
        frames = lines.split(b"\n")
        if not _is_lines(lines) or max(map(len, frames)) > self.limit:
            return None
        frames.pop()
        self.newline = True
        self._buffer[:] = rest
        return frames

    def _objects(self, data: bytes, most: int | None = None) -> list[bytes]:
        """Return the objects whose last braces are in the data, `most` of them at most."""
        self._buffer += data
        frames: list[bytes] = []
        try:
            while len(frames) != most and (frame := self._next_object()) is not None:
                frames.append(frame)
        except ProtocolError as error:
            self.error = error
            # Nothing that follows an error can be read, so it takes no memory either.
            self._start = len(self._buffer)
        del self._buffer[: self._start]
        self._position -= self._start
        self._start = 0
        return frames

    def _next_object(self) -> bytes | None:
        if self._depth == 0:
            self._skip_space()
        complete = self._to_object_end()
        end = self._position
        if end - self._start > self.limit:
            raise TooLarge("An object can have at most {limit} bytes", limit=self.limit)
        if not complete:
            return None
        frame = bytes(self._buffer[self._start : end])
        self._start = end
        return frame

    def _skip_space(self) -> None:
        space = _SPACE.match(self._buffer, self._start)
        end = space.end() if space else self._start
        self.newline = self.newline or self._buffer.find(b"\n", self._start, end) >= 0
        self._start = self._position = end
        following = bytes(self._buffer[end : end + len(_BYTE_ORDER_MARK)])
        # A part of the mark at the end of the bytes waits for the rest of it.
        if following[:1] != b"{" and not _BYTE_ORDER_MARK.startswith(following):
            raise BrokenStream(_EXPECTED)

    def _to_object_end(self) -> bool:
        """Advance to the end of the object; tell whether it has been reached."""
        while not self._in_string or self._to_string_end():
            found = _BRACE_OR_QUOTE.search(self._buffer, self._position)
            if found is None:
                self._position = len(self._buffer)
                break
            self._position = found.end()
            token = found.group()
            if token == b'"':
                self._in_string = True
            elif token == b"{":
                self._depth += 1
                if self._depth > _MAX_DEPTH:
                    raise BrokenStream(
                        "JSON nested more than {max_depth} deep", max_depth=_MAX_DEPTH
                    )
            else:
                self._depth -= 1
                if self._depth == 0:
                    return True
        return False

    def _to_string_end(self) -> bool:
        """Advance past the quote that ends the string; tell whether it has been reached."""
        body = _STRING_BODY.match(self._buffer, self._position)
        self._position = end = body.end() if body else self._position
        rest = bytes(self._buffer[end : end + 2])
        # A lone backslash at the end waits for the character that it escapes.
        if rest not in (b"", b"\\") and rest[:1] != b'"':
            raise BrokenStream("A control character inside a JSON string")
        self._in_string = rest[:1] != b'"'
        self._position += not self._in_string
        return not self._in_string


def _is_incomplete(data: bytes) -> bool:
    """Tell whether no object ends in this part of a line, as far as its braces show."""
    return data.rstrip(b" \t\r")[-1:] != b"}" and _SEAM_IN_LINE.search(data) is None


def _is_lines(data: bytes) -> bool:
    r"""Tell whether the data is nothing but whole lines with one object each.

    In JSON a `{` follows a `}` only after a comma, so `}\n{` always separates two objects. If every
    newline is part of such a separator, and whatever follows any other `}` can follow it inside an
    object, the lines are the objects.
    """
    return (
        data[:1] == b"{"
        and data[-2:] == b"}\n"
        and data.count(b"}\n{") == data.count(b"\n") - 1
        and _SEAM_IN_LINE.search(data) is None
    )
