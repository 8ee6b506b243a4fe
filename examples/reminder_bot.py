"""Reminds: write `!remind 10 the tea` to it, and in ten minutes it says so."""

import asyncio

from messenger.sdk import Bot, BotMessage

bot = Bot("reminder")


@bot.command("remind")
async def remind(message: BotMessage, minutes: float, *about: str) -> str:
    message.reply(f"In {minutes:g} minutes, then.")
    await asyncio.sleep(60 * minutes)
    return f"{message.sender}: {' '.join(about) or 'you wanted to be reminded'}"


@bot.on_message
def help_out(message: BotMessage) -> str | None:
    return "Write !remind MINUTES ABOUT..." if message.is_direct else None


if __name__ == "__main__":
    bot.run()
