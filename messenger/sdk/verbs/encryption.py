"""`Keys` and `AsyncKeys`: the verbs for encryption."""

from messenger.sdk.verbs.devices import DeviceVerbs
from messenger.sdk.verbs.verb import Asynchronous, Blocking
from messenger.sdk.verbs.verification import VerificationVerbs


class Keys(DeviceVerbs, VerificationVerbs, Blocking):
    """Keys of the user's account and of others, for a client that blocks.

    Verbs raise as `Client.ask` does, and Forbidden for guests, who have no keys.
    """


class AsyncKeys(DeviceVerbs, VerificationVerbs, Asynchronous):
    """Keys of the user's account and of others, for a client on asyncio."""
