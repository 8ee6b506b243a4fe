"""A server's message of the day is reported at login, and again only if it is another one."""

from messenger.jim.session import Authenticate
from messenger.sdk.events import ServerAnnounced
from tests.sdk.playbook import PlayedServer, played


def announced(server: PlayedServer, **said: str) -> list[ServerAnnounced]:
    """Log in anew; return what the server was found to announce."""
    server.answers[Authenticate] = lambda _: server.welcome(**said)
    server.core.disconnected()
    server.connect()
    return [event for event in server.core.events() if isinstance(event, ServerAnnounced)]


def test_a_message_of_the_day_is_reported_once() -> None:
    server = played()

    first = announced(server, name="Хор", message_of_the_day="No rehearsal on Friday")

    assert first == [ServerAnnounced("No rehearsal on Friday", "Хор")]
    assert announced(server, name="Хор", message_of_the_day="No rehearsal on Friday") == []
    assert announced(server, message_of_the_day="But on Monday") == [
        ServerAnnounced("But on Monday")
    ]


def test_a_server_that_says_nothing_announces_nothing() -> None:
    server = played()

    assert announced(server, name="Хор") == []
    assert announced(server, message_of_the_day="  ") == []


def test_what_fills_the_screen_is_cut() -> None:
    (found,) = announced(played(), name="x" * 5000, message_of_the_day="y" * 5000)

    assert (len(found.text), len(found.server_name)) == (1000, 1000)
