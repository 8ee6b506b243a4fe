"""Testing bots without a network: say something, and see what they answer."""

import asyncio
import time

from messenger.jim.messages import Message
from messenger.sdk.bot import Bot
from messenger.sdk.events import MessageReceived


class BotHarness:
    """Takes the server's place for a bot that is not running.

    ```
    harness = BotHarness(bot)
    assert await harness.say("ping") == ["pong"]
    ```
    """

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    async def say(self, text: str, *, sender: str = "ann", room: str | None = None) -> list[str]:
        """Write to the bot, or in a room where it is; return what it has answered there.

        Waits for handlers that are coroutines to end.
        """
        me = self.bot.core.credentials.name
        conversation = room or (sender if sender != me else me)
        message = Message(time=time.time(), to=room or me, from_=sender, message=text)
        store = self.bot.store
        before = store.count_unsent()
        stored = store.add_unnumbered(conversation, me, message)
        assert stored is not None
        known = set(asyncio.all_tasks())
        self.bot._tell(MessageReceived(stored))  # noqa: SLF001  it is the bot's other half
        while started := set(asyncio.all_tasks()) - known:
            await asyncio.gather(*started)
        count = store.count_unsent() - before
        answers = store.page(conversation, limit=count) if count else []
        return [answer.text for answer in answers]
