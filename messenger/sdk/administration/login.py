"""Logging in to administer: by SCRAM over TLS, without a device, and so without keys."""

from messenger import __version__
from messenger.jim.admin.window import OpenWindow
from messenger.jim.errors import ProtocolError
from messenger.jim.session import NUMBERS, VERSION, DeviceInfo, Presence, Scram, User
from messenger.sdk.administration.channel import Channel
from messenger.sdk.link import Answer, OnAnswer
from messenger.sdk.login import Proof


def greet(channel: Channel, language: str) -> None:
    """Tell the operator's socket the language (BCP 47) in which errors are to be."""
    channel.ask(Presence(user=User(), lang=language))


def use_token(channel: Channel, token: str, language: str) -> None:
    """Have the connection be as one to the operator's socket; raises Forbidden."""
    channel.ask(OpenWindow(token=token))
    greet(channel, language)


def log_in(channel: Channel, name: str, password: str, certificate: bytes, language: str) -> None:
    """Prove the account's password, without sending it; raises ProtocolError if that fails.

    `certificate` is the server's (DER), to which the proof is bound.
    """
    results: list[Answer] = []

    def prove(data: str, renewed: str | None, on_answer: OnAnswer) -> None:
        step = Scram(
            user=User(name),
            data=data,
            verifier=renewed,
            lang=language,
            jim=VERSION,
            # Without an id it is no device, for which others would encrypt.
            device=DeviceInfo(program="messenger admin", version=__version__),
            # With this feature the server does not send what the account has missed.
            features=[NUMBERS],
        )
        answer: Answer
        try:
            answer = channel.ask(step)
        except ProtocolError as error:
            answer = error
        on_answer(answer)

    def begin(data: str, on_answer: OnAnswer) -> None:
        prove(data, None, on_answer)

    Proof(name, password, certificate, begin, prove, results.append).start()
    if isinstance(results[0], Exception):
        raise results[0]
