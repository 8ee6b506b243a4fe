"""`Keys` and `AsyncKeys`: what a user does about encryption."""

from messenger.sdk.verbs.devices import DeviceVerbs
from messenger.sdk.verbs.verb import Asynchronous, Blocking
from messenger.sdk.verbs.verification import VerificationVerbs


class Keys(DeviceVerbs, VerificationVerbs, Blocking):
    """Keys of one's own account and of others, for a client that blocks.

    Verbs raise as `Client.ask` does, and Forbidden for guests, who have none.
    """


class AsyncKeys(DeviceVerbs, VerificationVerbs, Asynchronous):
    """The same for a client on asyncio."""
