"""The users whom the user has blocked, as the server has said last; known offline, too."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

import msgspec

from messenger.jim.base import Reply, Request
from messenger.jim.blocks import Block, BlockChanged, Blocks, Unblock
from messenger.sdk.events import BlocksChanged, CoreEvent
from messenger.sdk.store import Store
from messenger.sdk.store.messages import BLOCKED

_MAX = 10_000
"""Names: ten times as many as our server allows; another one cannot fill the memory."""

_decode = msgspec.json.Decoder(frozenset[str]).decode


def blocked_in(store: Store) -> frozenset[str]:
    """Return the names that are blocked."""
    stored = store.get(BLOCKED)
    return frozenset() if stored is None else _decode(stored)


class BlockedUsers:
    """Follows blocks by this device and by the account's others.

    `names` may be read in any thread; it is replaced as a whole.
    """

    def __init__(self, store: Store, tell: Callable[[CoreEvent], None]) -> None:
        self._store = store
        self._tell = tell
        self.names = blocked_in(store)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def take_answer(self, request: Request[Any], answer: Reply) -> None:
        """Store what the reply to a request of the user says about blocks."""
        if isinstance(answer, Blocks):
            self.keep(answer.blocked)
        elif isinstance(request, Block):
            self.keep(self.names | {request.account_name})
        elif isinstance(request, Unblock):
            self.keep(self.names - {request.account_name})

    def take_event(self, event: BlockChanged) -> None:
        """Another device of the account has blocked or unblocked somebody."""
        name = {event.account_name}
        self.keep(self.names | name if event.blocked else self.names - name)

    def keep(self, names: Iterable[str]) -> None:
        """Store the names that are blocked now, and tell if they are others than before."""
        now = frozenset(islice(names, _MAX))
        changed = now ^ self.names
        if not changed:
            return
        self._store.put(BLOCKED, msgspec.json.encode(sorted(now)).decode() if now else None)
        self.names = now
        self._tell(BlocksChanged(tuple(sorted(now)), tuple(sorted(changed))))
