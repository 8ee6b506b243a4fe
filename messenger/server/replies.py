"""Replies as bytes; the two that answer messages are encoded once a second."""

import time

from messenger.jim.base import Reply
from messenger.jim.codec import encode
from messenger.jim.codes import Code, is_success
from messenger.jim.fields import RequestId


def encode_reply(reply: Reply, request_id: RequestId | None = None) -> bytes:
    """Return the bytes of a reply; fills in the time, and `alert`, which some clients require."""
    if not reply.time:
        reply.time = time.time()
    if reply.id is None:
        reply.id = request_id
    if reply.alert is None and reply.error is None and is_success(reply.code):
        # Some clients print `alert`, and fail where there is neither that nor `error`.
        reply.alert = "OK" if reply.code == Code.OK else Code(reply.code).name.capitalize()
    return encode(reply) + b"\n"


class Replies:
    """Encodes the answers to messages; `time` in them is in whole seconds."""

    __slots__ = ("_ok", "_second", "_stored")

    def __init__(self) -> None:
        self._second = 0
        self._ok = b""
        self._stored = b""

    def ok(self, request_id: RequestId | None) -> bytes:
        """Return the answer to a plain client's message."""
        if request_id is None:
            return self._ok
        return self._ok[:-2] + b',"id":' + encode(request_id) + b"}\n"

    def stored(self, seq: int, request_id: RequestId | None) -> bytes:
        """Return the answer with a message's number."""
        if request_id is None:
            return self._stored + b"%d}\n" % seq
        return b'%b%d,"id":%b}\n' % (self._stored, seq, encode(request_id))

    def renew(self) -> None:
        """Update the time; call it before each batch of answers."""
        now = int(time.time())
        if now != self._second:
            self._second = now
            head = b'{"response":200,"time":%d,"alert":"OK"' % now
            self._ok = head + b"}\n"
            self._stored = head + b',"seq":'
