"""The base class of verbs for encryption: their access to the client."""

from collections.abc import Callable

from messenger.sdk.core import Core
from messenger.sdk.encryption import Encryption
from messenger.sdk.encryption.device_lists import DeviceList
from messenger.sdk.key_errors import GuestHasNoKeys, GuestsHaveNoKeys
from messenger.sdk.link import OnAnswer
from messenger.sdk.verbs.verb import ANSWER_TIMEOUT, Begin, WaitFor


class KeyShell:
    """The client's encryption, and its way to wait."""

    def __init__(self, core: Core, wait_for: WaitFor) -> None:
        self._core = core
        self._wait_for = wait_for

    @property
    def _encryption(self) -> Encryption:
        return (
            self._core.encryption
        )  # never stored: the core replaces it when this device was removed

    def _check_account(self) -> None:
        """Raise Forbidden for a guest, who has no keys."""
        if self._core.is_guest:
            raise GuestsHaveNoKeys

    async def _wait(self, begin: Begin) -> None:
        await self._wait_for(begin, ANSWER_TIMEOUT)

    async def _run(self, do: Callable[[], None]) -> None:
        """Do something while nobody else uses the core, and send what it has to send."""

        def run(take: OnAnswer) -> None:
            do()
            take(None)

        await self._wait(run)

    async def _device_list(self, account: str) -> DeviceList:
        """Fetch the device list of an account; raises NotFound for a guest."""
        self._check_account()
        row = self._core.store.summary(account)
        if row is not None and row.guest:
            raise GuestHasNoKeys(account)

        def fetch(take: OnAnswer) -> None:
            # The cached list may be outdated: a user who looks at devices wants the current one.
            self._encryption.device_lists.forget(account)
            self._encryption.device_lists.of(account, take)

        found: DeviceList = await self._wait_for(fetch, ANSWER_TIMEOUT)
        return found
