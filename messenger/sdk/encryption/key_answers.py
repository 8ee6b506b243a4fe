"""Answers key requests: sends a key again to a device that may have it."""

import time
from collections.abc import Callable

from messenger.crypto.to_device import DecryptedToDevice
from messenger.crypto.to_device_content import KeyRequest, read_content
from messenger.sdk.encryption.olm_sessions import Content, OlmSessions
from messenger.sdk.encryption.retries import Retries
from messenger.sdk.encryption.session_keys import SessionKeys

# A device that requests the same key again gets it after a second, then after longer and longer
# pauses: our clients repeat requests after 30 s, or at once if they could not decrypt the answer.
_GIVEN_AGAIN_AFTER = 1.0
_LONGEST_REFUSAL = 60.0


class KeyAnswers:
    """Answers requests; repeated ones for the same key are rate-limited."""

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
        """Send a key to a device that may have it; raises SignatureError for an invalid request."""
        request = read_content(message.content, KeyRequest)
        # Matrix also has `request_cancellation`: requests are answered at once, so none is pending.
        if request.action != "request" or request.body is None:
            return
        wanted = " ".join((request.body.session_id, *message.sender.key))
        if not self._given.is_due(wanted, self._clock()):
            return
        key = self._sessions.key_for(request.body.session_id, message.sender)
        if key is not None:
            # Refusals are not noted: a device that may have the key soon is not kept waiting.
            self._given.note(wanted, self._clock())
            content = Content(message.sender, "m.forwarded_room_key", key)
            self._olm_sessions.send([content], lambda _: None)
