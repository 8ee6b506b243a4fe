"""Bots answer messages and commands, and are tested without a network."""

import asyncio
import runpy
import threading
import time
from pathlib import Path

import pytest

from messenger.sdk import Bot, BotHarness, BotMessage, Client, Credentials, MessageReceived, Store
from tests.forking import ROOT, Python
from tests.running import PASSWORD, running, until


def say(bot: Bot, *texts: str, sender: str = "ann", room: str | None = None) -> list[list[str]]:
    async def talk() -> list[list[str]]:
        harness = BotHarness(bot)
        return [await harness.say(text, sender=sender, room=room) for text in texts]

    return asyncio.run(talk())


@pytest.fixture
def bot() -> Bot:
    made = Bot("helper")

    @made.on_message
    def answer(message: BotMessage) -> str | None:
        return f"{message.sender} said {message.text}" if message.is_direct else None

    @made.command("add")
    async def add(message: BotMessage, first: str, *more: str) -> str:
        message.reply("Let me see")
        await asyncio.sleep(0.01)
        return str(sum(map(int, (first, *more))))

    @made.command("fail")
    def fail(message: BotMessage) -> str:
        raise RuntimeError("on purpose")

    return made


def test_what_a_handler_returns_is_the_reply(bot: Bot) -> None:
    assert say(bot, "hello", "again") == [["ann said hello"], ["ann said again"]]


def test_a_command_gets_the_words_after_it(bot: Bot) -> None:
    assert say(bot, "/add 1 2 3") == [["Let me see", "6"]]
    assert say(bot, "/ADD 1", room="#maths") == [["Let me see", "1"]]


def test_a_command_that_is_written_wrongly_is_answered_with_its_usage(bot: Bot) -> None:
    assert say(bot, "/add") == [["/add FIRST MORE..."]]


def test_its_own_messages_are_ignored(bot: Bot) -> None:
    assert say(bot, "hello", sender="helper") == [[]]


def test_where_nothing_is_returned_nothing_is_said(bot: Bot) -> None:
    assert say(bot, "hello", room="#all") == [[]]


def test_a_handler_that_fails_does_not_end_the_bot(bot: Bot) -> None:
    assert say(bot, "/fail", "still there?") == [[], ["ann said still there?"]]


def test_the_examples_answer() -> None:
    echo = runpy.run_path(str(ROOT / "examples" / "echo_bot.py"))["bot"]
    reminder = runpy.run_path(str(ROOT / "examples" / "reminder_bot.py"))["bot"]

    assert say(echo, "hello") == [["hello"]]
    assert say(echo, "hello", room="#all") == [[]]
    assert say(reminder, "!remind 0.0001 the tea") == [["In 0.0001 minutes, then.", "ann: the tea"]]
    assert say(reminder, "!remind soon tea") == [["!remind MINUTES ABOUT..."]]
    assert "!remind" in say(reminder, "help")[0][0]


def test_a_bot_that_remembers_nothing_may_start_as_often_as_it_likes(tmp_path: Path) -> None:
    """Its keys end with it: each start is a new device, and takes the place of the last."""
    with running(tmp_path / "server", "--limits", "off") as server:
        ann = Client("127.0.0.1", server.port, Credentials("ann", PASSWORD, register=True))
        heard: list[str] = []
        ann.on(MessageReceived)(lambda event: heard.append(event.message.text))
        ann.start()
        assert ann.wait_until_online(60)
        for number in range(13):
            credentials = Credentials("bot", PASSWORD, register=True)
            bot = Client("127.0.0.1", server.port, credentials, Store())
            bot.start()
            assert bot.wait_until_online(60)
            bot.send_text("ann", str(number))
            assert bot.wait_until_sent(60)
            bot.close()
        until(lambda: len(heard) == 13)
        assert heard == [str(number) for number in range(13)]
        assert len(ann.keys.devices_of("bot")) <= 2
        ann.close()


def test_a_command_is_called_by_either_sign_and_gets_numbers_where_it_wants_them() -> None:
    bot = Bot("считает")

    @bot.command("add")
    def add(message: BotMessage, first: int, second: int | None = None, *more: float) -> str:
        return repr((first, second, more))

    @bot.command("!тихо")
    def quiet(message: BotMessage, on: bool) -> str:
        return f"тихо: {on}"

    assert say(bot, "!add 2 3 4.5", "/add 2") == [["(2, 3, (4.5,))"], ["(2, None, ())"]]
    usage = "FIRST [SECOND] MORE..."
    wrong = ("!add", "!add two", "!add 2 3 four", "!add 2 3 nan", "/add 2.5")
    assert say(bot, *wrong) == [[f"{text.split()[0]} {usage}"] for text in wrong]
    assert say(bot, "!ТИХО yes", "!тихо off") == [["тихо: True"], ["тихо: False"]]
    assert say(bot, "!тихо maybe") == [["!тихо ON"]]
    assert say(bot, "!nothing", "!", "") == [[], [], []]


BOT = """
import sys
from messenger.sdk import Bot
bot = Bot("бот", sys.argv[2], port=int(sys.argv[1]), register="register" in sys.argv)
if "register" in sys.argv:
    bot.on_message(lambda message: message.text)
bot.run()
"""


def test_a_bot_that_cannot_log_in_says_so_and_ends_and_one_can_make_its_account(
    tmp_path: Path,
) -> None:
    with running(tmp_path / "server", "--limits", "off") as server:

        def start(*arguments: str) -> Python:
            return Python("-c", BOT, str(server.port), *arguments)

        said = (ended := start("its password")).communicate(timeout=60)[1]
        assert ended.returncode != 0
        assert "бот cannot log in: Wrong password, or no such account" in said
        bot = start("its password", "register")
        ann = Client("127.0.0.1", server.port, Credentials("名前", PASSWORD, register=True))
        answered = threading.Event()
        ann.on(MessageReceived)(lambda event: answered.set())
        ann.start()
        assert ann.wait_until_online(60)
        end = time.monotonic() + 20
        while ann.store.page("бот")[-1:] == [] or not answered.wait(0.5):
            assert time.monotonic() < end
            ann.send_text("бот", "hello")
        ann.close()
        bot.kill()
        bot.communicate()
