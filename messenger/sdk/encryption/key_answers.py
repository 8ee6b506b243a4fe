"""Keys that others ask for: given again to a device that may have them."""

import time
from collections.abc import Callable

from messenger.crypto.to_device import DecryptedToDevice
from messenger.crypto.to_device_content import KeyRequest, read_content
from messenger.sdk.encryption.olm_sessions import Content, OlmSessions
from messenger.sdk.encryption.retries import Retries
from messenger.sdk.encryption.session_keys import SessionKeys

# Who asks for the same key again gets it a second later, and then after longer and longer pauses:
# our own clients ask again after 30 s, or at once where what they have got could not be opened.
_GIVEN_AGAIN_AFTER = 1.0
_LONGEST_REFUSAL = 60.0


class KeyAnswers:
    """Answers requests; nobody has the same key sent again and again."""

    def __init__(
        self,
        olm_sessions: OlmSessions,
        sessions: SessionKeys,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._olm_sessions = olm_sessions
        self._sessions = sessions
        self._clock = clock
        self._given = Retries(_GIVEN_AGAIN_AFTER, _LONGEST_REFUSAL)

    def answer(self, message: DecryptedToDevice) -> None:
        """Give a key again to a device that has had it; raises Forged if it asks for none."""
        request = read_content(message.content, KeyRequest)
        if request.action != "request" or request.body is None:
            return
        wanted = " ".join((request.body.session_id, *message.sender.key))
        if not self._given.is_due(wanted, self._clock()):
            return
        key = self._sessions.key_for(request.body.session_id, message.sender)
        if key is not None:
            self._given.note(wanted, self._clock())
            content = Content(message.sender, "m.forwarded_room_key", key)
            self._olm_sessions.send([content], lambda _: None)
