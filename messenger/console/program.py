"""Runs a client from its options to its exit code; wires its objects."""

import logging
import time
from collections.abc import Callable, Iterable

from messenger.console.chat import Chat
from messenger.console.controller import ConsoleController
from messenger.console.first_words import greet_when_online, greeting
from messenger.console.options import Options, at_terminal
from messenger.console.pipes import Pipe, wait_until_sent
from messenger.console.prompting import TerminalPrompter
from messenger.console.shutdown import Terminated, guarded
from messenger.console.streams import Input, Output, complain, has_terminal_beside, say
from messenger.given_secrets import given_password
from messenger.jim.names import EVERYONE
from messenger.language import _, ngettext
from messenger.sdk.client import Client
from messenger.sdk.events import ConnectionState, StateChanged
from messenger.sdk.profiles import Profile
from messenger.ui.errors import explain
from messenger.ui.first_run import Newcomer
from messenger.ui.login import log_in
from messenger.ui.profile_choice import NoServer, Suggestions, choose_profile, with_server
from messenger.ui.prompts import AnotherName, NoLogin, Prompter
from messenger.ui.start import open_client

__all__ = ["Options", "run", "run_client"]

_logger = logging.getLogger("messenger.client")

# Seconds to wait for the server:
_PATIENCE = 3.0  # at a terminal: the user can read and write offline meanwhile
_GOODBYE = 2.0  # at the end of a chat: unsent messages go out at the next start
_PIPE_PATIENCE = 60.0  # nobody watches a pipe, and its messages should arrive
_CHAT_PATIENCE = 10.0  # a chat whose input is a pipe
_STEP = 0.1  # between looks whether the input has ended


def run(options: Options) -> int:
    """Run a client; return the exit code.

    0: success; 1: a message was not sent, or the server could not be reached in time; 2: the user
    has to correct something first; 128 + n: signal n ended it.
    """
    return guarded(lambda: run_client(options))


def run_client(options: Options) -> int:
    """Run a client as `run` does, for a caller that is within `guarded` already."""
    while True:
        try:
            return _run(options)
        except AnotherName as other:
            options = options._replace(name=other.name)


def _run(options: Options) -> int:
    prompter = TerminalPrompter(
        may_ask=at_terminal() if options.talks else has_terminal_beside(),
        password=given_password(options.password_file),
        may_rename=options.talks and not options.screen,
    )
    start, form = options.start, _ask_in_form if options.is_full_screen else None
    try:
        chosen = choose_profile(start, prompter, form)
    except NoServer:
        start = with_server(start, prompter)
        chosen = choose_profile(start, prompter, form)
    if chosen is None:
        return 0
    profile, record = chosen
    with open_client(start, profile, record, prompter) as client:
        if options.is_full_screen:
            return _screen(client, profile, prompter, options)
        if options.talks:
            return _chat(client, profile, prompter, options)
        return _pipe(client, prompter, options)


def _ask_in_form(
    introduce: Callable[[Newcomer], StateChanged | None], suggestions: Suggestions
) -> Newcomer | None:
    from messenger.console.screen.welcome import WelcomeApp

    return WelcomeApp(introduce, **suggestions._asdict()).run()


# --- chats -------------------------------------------------------------------------------------


def _screen(client: Client, profile: Profile, prompter: Prompter, options: Options) -> int:
    # Textual takes 0.2 s to import (measured), and line clients and pipes do not need it.
    from messenger.console.screen.app import MessengerApp

    app = MessengerApp(client, profile, to=options.to or EVERYONE, password=prompter.given)
    app.prompter.is_registered = prompter.is_registered
    greet_when_online(client, app.controller.show, options.notice)
    app.run()
    _say_goodbye(app.controller)
    return int(not _all_sent(client, _GOODBYE))


def _chat(client: Client, profile: Profile, prompter: Prompter, options: Options) -> int:
    output = Output()
    chat = Chat(client, output.show, profile, prompter, to=options.to or EVERYONE)
    lines = Input() if not at_terminal() else None
    client.start()
    patience = _PATIENCE if lines is None else options.timeout
    if _online(client, prompter, output, patience, lines):
        for line in greeting(client, options.notice):
            output.show(line)
    chat.begin()
    chat.run(lines if lines is not None else _prompted(chat))
    _say_goodbye(chat)
    return int(not _all_sent(client, _patience_at_the_end(client, options, lines)))


def _say_goodbye(controller: ConsoleController) -> None:
    if controller.goodbye:
        say(controller.goodbye)


def _online(
    client: Client, prompter: Prompter, output: Output, patience: float | None, lines: Input | None
) -> bool:
    """Log in; False if that takes too long, or if the input ends before."""
    if lines is None:
        return log_in(client, prompter, output.show, patience)
    begun = time.monotonic()
    while not log_in(client, prompter, output.show, _STEP):
        is_away = client.core.state is ConnectionState.OFFLINE
        longest = patience or (_PATIENCE if is_away else _CHAT_PATIENCE)
        if time.monotonic() - begun > longest or lines.next_is(None, "/quit"):
            return False
    return True


def _prompted(chat: Chat) -> Iterable[str]:
    from messenger.console.terminal import prompt_lines

    return prompt_lines(chat)


def _patience_at_the_end(client: Client, options: Options, lines: Input | None) -> float:
    """Return how long to wait for replies; unsent messages go out at the next start."""
    if client.core.state is not ConnectionState.ONLINE:
        return 0
    if lines is None:
        return _GOODBYE
    return _CHAT_PATIENCE if options.timeout is None else options.timeout


# --- pipes -------------------------------------------------------------------------------------


def _pipe(client: Client, prompter: Prompter, options: Options) -> int:
    output = Output()
    pipe = Pipe(client, output, complain, as_json=options.as_json, events=options.events)
    if options.mode != "send":
        pipe.listen(options.to if options.mode == "listen" else None)
    client.start()
    patience = _PIPE_PATIENCE if options.timeout is None else options.timeout
    # A listener without a timeout waits for the server for ever.
    waits = options.timeout if options.mode == "listen" else patience
    if not log_in(client, prompter, complain, waits):
        complain(_("Could not connect in time."))
        return 1
    if options.mode == "listen":
        return _listen(client, output)
    try:
        pipe.send(Input(), options.to or EVERYONE, patience)
    except KeyboardInterrupt:
        _all_sent(client, 0)
        raise
    return int(not _all_sent(client, patience) or pipe.failed > 0)


def _listen(client: Client, output: Output) -> int:
    """Listen until the output is closed.

    Raises NoLogin if the server refuses this device from now on.
    """

    def look(_event: StateChanged | None = None) -> None:
        if client.core.state is ConnectionState.REFUSED:
            output.closed.set()

    # Then `look` once more: the login may have been refused before there was a handler.
    client.on(StateChanged)(look)
    look()
    try:
        output.closed.wait()
    # Before KeyboardInterrupt, of which it is a subclass.
    except Terminated:
        raise
    except KeyboardInterrupt:
        _logger.info("Interrupted")
        return 0
    if client.core.state is ConnectionState.REFUSED:
        raise NoLogin(
            _("Login refused: {reason}", reason=explain(client.core.error))
        ) from client.core.error
    if output.is_pipe:
        return 0
    complain(_("Standard output cannot be written: the listener ends."))
    return 1


def _all_sent(client: Client, patience: float) -> bool:
    """Wait until all messages are answered; give up after `patience` seconds without progress."""
    if wait_until_sent(client, patience):
        return True
    count = client.store.count_unsent()
    if count:
        complain(_left(client, count))
    return not count


def _left(client: Client, count: int) -> str:
    if client.store.lasting:
        return ngettext(
            "{count} message is not sent yet: it goes out at the next start.",
            "{count} messages are not sent yet: they go out at the next start.",
            count,
        )
    return ngettext("{count} message was not sent.", "{count} messages were not sent.", count)
