"""Says back what is written to it: run `python examples/echo_bot.py`."""

from messenger.sdk import Bot, BotMessage

bot = Bot("echo")


@bot.on_message
def echo(message: BotMessage) -> str | None:
    return message.text if message.is_direct else None


if __name__ == "__main__":
    bot.run()
