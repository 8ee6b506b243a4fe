"""Exports of a conversation to a file: as a page to read, or as JSON for programs."""

import time
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from pathlib import Path

from messenger.files import replacing
from messenger.sdk.cancelling import raise_if_cancelled
from messenger.sdk.client import Client
from messenger.sdk.file_errors import FileExists, FileUnwritable, NoDirectory
from messenger.sdk.store import Store, StoredMessage
from messenger.system_errors import reason_of
from messenger.ui.html_export import page
from messenger.ui.json_lines import as_sent, message_json

_AT_ONCE = 500
"""Messages of one query: as many are read in about 5 ms."""
_FIRST = -(2**63)
"""Less than any number of a message."""

Progress = Callable[[int, int], object]
"""Gets how many messages are written, and about how many there are."""


class Format(Enum):
    """What a conversation can be saved as; the value is the end of the file's name."""

    HTML = ".html"
    JSON = ".jsonl"


def export(
    client: Client,
    conversation: str,
    file: Path,
    format: Format,
    progress: Progress = lambda _done, _of: None,
    *,
    may_replace: bool = False,
) -> int:
    """Write all stored messages of a conversation to a file; return their number.

    Only its owner can read the file. It gets its name when it is complete, and until then an older
    file stays. A `Cancellation` ends it between two messages. Raises FileExists unless it
    `may_replace` one, NoDirectory, and FileUnwritable.
    """
    counted = _Counted(client.store, conversation, progress)
    messages = (as_sent(message, client) for message in counted)
    lines: Iterable[str] = map(message_json, messages)
    if format is Format.HTML:
        lines = page(messages, conversation, client.core.credentials.name, time.time())
    try:
        if not file.parent.is_dir():
            raise NoDirectory(file.parent)
        _check_free(file, may_replace=may_replace)
        with replacing(file) as out:
            for line in lines:
                out.write(line.encode("utf-8") + b"\n")
            # Again: it may have appeared meanwhile.
            _check_free(file, may_replace=may_replace)
    except OSError as error:
        raise FileUnwritable(file, reason_of(error)) from error
    return counted.count


def _check_free(file: Path, *, may_replace: bool) -> None:
    if file.exists() and not may_replace:
        raise FileExists(file)


def stored_messages(store: Store, conversation: str) -> Iterator[StoredMessage]:
    """Yield all stored messages of a conversation, the oldest first."""
    seen: set[int] = set()
    found = store.page(conversation, after=_FIRST, limit=_AT_ONCE)
    while found:
        for message in found:
            # A message that is sent meanwhile gets a number, and so may appear on two pages.
            if message.id not in seen:
                seen.add(message.id)
                yield message
        found = store.page(conversation, after=found[-1], limit=_AT_ONCE)


class _Counted:
    """The messages of a conversation, which count how far they have been read.

    Counting all of them first would read the whole conversation twice; their numbers tell about how
    many there are.
    """

    def __init__(self, store: Store, conversation: str, progress: Progress) -> None:
        self.count = 0
        self._store = store
        self._conversation = conversation
        self._progress = progress

    def __iter__(self) -> Iterator[StoredMessage]:
        first = self._number(self._store.page(self._conversation, after=_FIRST, limit=1))
        total = self._number(self._store.page(self._conversation, limit=1)) - first + 1
        for message in stored_messages(self._store, self._conversation):
            yield message
            self.count += 1
            if self.count % _AT_ONCE == 0:
                self._progress(self.count, max(total, self.count))
                raise_if_cancelled()
        raise_if_cancelled()
        self._progress(self.count, self.count)

    @staticmethod
    def _number(messages: list[StoredMessage]) -> int:
        return (messages[0].seq or 0) if messages else 0
