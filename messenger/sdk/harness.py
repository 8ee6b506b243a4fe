"""Testing bots without a network: write to a bot, and get its answers."""

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
        """Write to the bot, or in a room that it is in; return its answers.

        Waits until handlers that are coroutines have ended.
        """
        me = self.bot.core.credentials.name
        conversation = room or (sender if sender != me else me)
        message = Message(time=time.time(), to=room or me, from_=sender, message=text)
        store = self.bot.store
        before = store.count_unsent()
        stored = store.add_unnumbered(conversation, me, message)
        assert stored is not None
        # Tasks from before are not waited for: the test itself is one.
        known = set(asyncio.all_tasks())
        self.bot._tell([MessageReceived(stored)])  # noqa: SLF001  takes the place of the connection
        # Repeated, as a handler may start further tasks.
        while started := set(asyncio.all_tasks()) - known:
            await asyncio.gather(*started)
        count = store.count_unsent() - before
        answers = store.page(conversation, limit=count) if count else []
        return [answer.text for answer in answers]
