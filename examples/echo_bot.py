"""Says back what is written to it: run `python examples/echo_bot.py`."""

from messenger.sdk import AsyncClient, Credentials, MessageReceived

bot = AsyncClient("127.0.0.1", 7777, Credentials("echo"))


@bot.on(MessageReceived)
def answer(event: MessageReceived) -> None:
    if event.message.conversation == event.message.sender:
        bot.send_text(event.message.sender, event.message.text)


bot.run()
