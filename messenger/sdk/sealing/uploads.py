"""What goes into the key backup: as much at once as a request takes, and what is refused alone."""

import logging

from messenger.crypto.accounts import Secret
from messenger.jim.errors import BadRequest, ProtocolError, TextTooLong, TooLarge
from messenger.jim.replies import Reply
from messenger.jim.requests import BackUpKeys
from messenger.sdk.link import Answer, Ask
from messenger.sdk.sealing.groups import Groups
from messenger.sdk.store.keys import KeyStore
from messenger.sdk.store.sessions import Group

_logger = logging.getLogger("messenger.client")

_MOST_AT_ONCE = 40
_MOST_BYTES = 48 * 1024
# A request with its names and quotes has to fit into an object of the wire, 64 KiB.

_REFUSALS = BadRequest, TextTooLong, TooLarge


class Uploads:
    """Has the server keep the keys that it does not have.

    Of keys that are refused together each is tried alone, and one that is refused alone is passed
    over until the next link: what somebody has put into one of them stops no other.
    """

    def __init__(self, keys: KeyStore, ask: Ask, groups: Groups) -> None:
        self._keys = keys
        self._ask = ask
        self._groups = groups
        self._is_waiting = False
        self._to_try_alone = 0
        self._refused: set[str] = set()

    def stop(self) -> None:
        """The link is gone: the server of the next one may take more."""
        self._is_waiting = False
        self._to_try_alone = 0
        self._refused.clear()

    def send(self, secret: Secret) -> None:
        """Send what is not backed up, one request after the other; call it now and then."""
        if self._is_waiting:
            return
        names, sealed = self._next_batch(secret)
        if not sealed:
            return
        self._is_waiting = True

        def answered(answer: Answer) -> None:
            self._is_waiting = False
            if isinstance(answer, Reply):
                self._to_try_alone = max(0, self._to_try_alone - 1)
                self._keys.note_backed_up(names)
                self.send(secret)
            elif isinstance(answer, ProtocolError):
                _logger.warning("Keys are not backed up: %s", answer)
                if isinstance(answer, _REFUSALS):
                    self._note_refused(names)

        self._ask(BackUpKeys(keys=sealed), answered)

    def _next_batch(self, secret: Secret) -> tuple[list[str], dict[str, str]]:
        """Return sessions' names, and their keys by the names of the backup."""
        names: list[str] = []
        sealed: dict[str, str] = {}
        size = 0
        most = 1 if self._to_try_alone else _MOST_AT_ONCE
        for group in self._keys.not_backed_up(most, without=self._refused):
            name = backup_name(group)
            key = self._groups.seal_for_backup(name, group, secret)
            size += len(name) + len(key)
            if names and size > _MOST_BYTES:
                break
            names.append(group.name)
            sealed[name] = key
        return names, sealed

    def _note_refused(self, names: list[str]) -> None:
        if len(names) > 1:
            self._to_try_alone = len(names)
        else:
            self._to_try_alone = max(0, self._to_try_alone - 1)
            self._refused.update(names)


def backup_name(group: Group) -> str:
    """Return the name by which a session's key is backed up.

    It names the owner: who claims another's session must not replace the owner's key. A key that
    opens later messages only has a name of its own: it must not replace one of all.
    """
    separator = "" if group.ed25519 else " "
    return f"{group.name}{separator}{group.first:x}" if group.first else group.name
