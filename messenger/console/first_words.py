"""The greeting after the login: name and server; first steps for new users."""

import threading
from collections.abc import Callable, Iterator

from messenger.language import N_, _
from messenger.output import visible
from messenger.sdk.client import Client
from messenger.sdk.events import ConnectionState, StateChanged
from messenger.ui.wording import server_name

_GREETED = "greeted"


def greeting(client: Client, notice: str = "", *, on_screen: bool = False) -> Iterator[str]:
    """Yield its lines, `notice` first; those for new users only once for each profile.

    The user of `messenger run` has a `notice`: it says how to invite others.
    """
    core = client.core
    if notice:
        yield notice
    said = N_("You are {name} on {server}. /help shows the commands, Ctrl+D leaves.")
    if on_screen:
        said = N_("You are {name} on {server}. F1 shows the commands and keys, Ctrl+Q leaves.")
    yield _(
        said, name=visible(core.credentials.name), server=server_name(client.address, client.port)
    )
    if core.is_guest:
        yield _("You are a guest: start with --register to make this name yours.")
    if client.store.get(_GREETED) is None:
        client.store.put(_GREETED, "yes")
        yield from _first_steps(client)
        if not notice:
            yield _("Whoever runs the server invites others: messenger invite prints a link.")


def greet_when_online(client: Client, show: Callable[[str], None], notice: str = "") -> None:
    """Show the greeting on the full screen after the login, to new users or with a `notice`."""
    if client.store.get(_GREETED) is not None and not notice:
        return

    # Every reconnect is a change to ONLINE, too.
    greeted = threading.Event()

    def greet(event: StateChanged) -> None:
        if event.state is ConnectionState.ONLINE and not greeted.is_set():
            greeted.set()
            for line in greeting(client, notice, on_screen=True):
                show(line)

    client.on(StateChanged)(greet)


def _first_steps(client: Client) -> Iterator[str]:
    if client.core.is_guest:
        yield _("Guests' messages are not end-to-end encrypted.")
    else:
        yield _(
            "Messages to one person and in rooms are end-to-end encrypted. The common chat #all is "
            "not: everyone on this server can read it."
        )
    yield _(
        "To begin: /msg NAME writes to somebody, /join #ROOM opens a room, /find START looks for "
        "people."
    )
