"""Runs a client from its options to its exit code: the place that wires its objects."""

import logging
import time
from collections.abc import Iterable
from pathlib import Path

from messenger.console.chat import Chat
from messenger.console.choice import (
    NoServer,
    bring_back,
    choose_profile,
    credentials_for,
    with_server,
)
from messenger.console.greeting import greet_when_online, greeting
from messenger.console.options import Options, at_terminal
from messenger.console.pipes import Pipe, wait_until_sent
from messenger.console.prompting import TerminalPrompter, given_password
from messenger.console.shutdown import Terminated, guarded
from messenger.console.streams import Input, Output, complain, has_terminal_beside, say
from messenger.console.talk import Talk
from messenger.jim.errors import DeviceRemoved
from messenger.jim.names import EVERYONE
from messenger.language import _, ngettext
from messenger.log.client_log_config import configure
from messenger.output import visible
from messenger.sdk.client import Client
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.events import DeviceApproved, IdentityMade, LinkState, StateChanged
from messenger.sdk.login import TOKEN
from messenger.sdk.profiles import Profile
from messenger.sdk.store import Store
from messenger.ui.login import log_in
from messenger.ui.prompts import AnotherName, NoLogin, Prompter

__all__ = ["Options", "run", "run_client"]

_logger = logging.getLogger("messenger.client")

_PATIENCE = 3.0
_GOODBYE = 2.0
_PIPE_PATIENCE = 60.0
_CHAT_PATIENCE = 10.0
_STEP = 0.1


def run(options: Options) -> int:
    """Run a client; return the exit code.

    0: all is well; 1: something was not sent, or the server could not be reached in time; 2:
    something has to be corrected first; 128 and more: a signal ended it.
    """
    return guarded(lambda: run_client(options))


def run_client(options: Options) -> int:
    """Run a client as `run` does, within a program that guards it."""
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
    try:
        chosen = choose_profile(options, prompter)
    except NoServer:
        options = with_server(options, prompter)
        chosen = choose_profile(options, prompter)
    if chosen is None:
        return 0
    profile, record = chosen
    if options.encryption not in (None, record.encryption):
        record.encryption = options.encryption or "auto"
        profile.save()
    if options.talks and not profile.claim():
        raise NoLogin(
            _(
                "{name} is open in another window already: close it, or start another with -n NAME",
                name=profile.name,
            )
        )
    try:
        credentials = credentials_for(options, record, profile, prompter)
        profile.unlock(prompter.passphrase, prompter.recovery_code)
        profile.lock_new()
        _configure_log(profile.directory, options.log_level)
        if options.restore is not None:
            bring_back(profile, options.restore, prompter)
        # What a pipe hears is its own: a chat that is open beside it has to hear it too.
        store = profile.open_store() if options.talks else profile.open_pipe()
        prompter.is_registered = record.registered
        try:
            if record.ask_password and not prompter.has_asked:
                store.put(TOKEN, None)  # left by a program that was killed
            client = Client(
                record.address,
                record.port,
                credentials,
                store,
                encryption=record.encryption,
                fingerprint=options.fingerprint,
            )
            if options.trust is not None:
                client.trust.accept(options.trust)
            return _with_client(client, profile, prompter, options)
        finally:
            if record.ask_password:
                store.put(TOKEN, None)
            _close(store, profile, options)
    finally:
        profile.release()


def _with_client(client: Client, profile: Profile, prompter: Prompter, options: Options) -> int:
    client.on(StateChanged)(lambda event: _note_state(event, profile, client))
    if options.talks:
        profile.keep_spare(client.store)
    keep = profile.keep_spare if options.talks else profile.hand_over
    for event in (IdentityMade, DeviceApproved):
        client.on(event)(lambda _: keep(client.store))
    try:
        if options.is_full_screen:
            return _screen(client, profile, prompter, options)
        if options.talks:
            return _chat(client, profile, prompter, options)
        return _pipe(client, prompter, options)
    finally:
        client.close()


def _close(store: Store, profile: Profile, options: Options) -> None:
    if options.talks:
        store.close()
    else:
        profile.close_pipe(store)


def _note_state(event: StateChanged, profile: Profile, client: Client) -> None:
    if event.state is LinkState.ONLINE:
        profile.confirm(registered=not client.core.is_guest)
    elif isinstance(event.error, DeviceRemoved):
        profile.forget_login()


def _configure_log(directory: Path, level: str) -> None:
    try:
        configure(directory / "log", level)
    except OSError as error:
        raise StoreUnusable(
            _("{file} cannot be written ({reason})", file=directory, reason=error.strerror)
        ) from error


# --- talking -----------------------------------------------------------------------------------


def _screen(client: Client, profile: Profile, prompter: Prompter, options: Options) -> int:
    from messenger.console.screen.app import MessengerApp

    app = MessengerApp(client, profile, to=options.to or EVERYONE, password=prompter.given)
    app.prompter.is_registered = prompter.is_registered
    greet_when_online(client, app.talk.show, options.notice)
    app.run()
    _say_goodbye(app.talk)
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


def _say_goodbye(talk: Talk) -> None:
    if talk.goodbye:
        say(talk.goodbye)


def _online(
    client: Client, prompter: Prompter, output: Output, patience: float | None, lines: Input | None
) -> bool:
    """Log in; False if that takes too long, or if the user leaves before."""
    if lines is None:
        return log_in(client, prompter, output.show, patience)
    begun = time.monotonic()
    while not log_in(client, prompter, output.show, _STEP):
        is_away = client.core.state is LinkState.OFFLINE
        longest = patience or (_PATIENCE if is_away else _CHAT_PATIENCE)
        if time.monotonic() - begun > longest or lines.next_is(None, "/quit"):
            return False
    return True


def _prompted(chat: Chat) -> Iterable[str]:
    from messenger.console.terminal import prompt_lines

    return prompt_lines(chat)


def _patience_at_the_end(client: Client, options: Options, lines: Input | None) -> float:
    """Return how long to wait for answers: what is not sent goes out at the next start."""
    if client.core.state is not LinkState.ONLINE:
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
    # A listener has nothing to lose by waiting.
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
    """Listen until nobody wants to hear more, or the server lets this device in no longer."""

    def look(_event: StateChanged | None = None) -> None:
        if client.core.state is LinkState.REFUSED:
            output.closed.set()

    client.on(StateChanged)(look)
    look()
    try:
        output.closed.wait()
    except Terminated:
        raise
    except KeyboardInterrupt:
        _logger.info("Interrupted")
        return 0
    if client.core.state is LinkState.REFUSED:
        complain(_("Login refused: {reason}", reason=visible(client.core.refusal)))
        return 1
    if output.is_pipe:
        return 0
    complain(_("Standard output cannot be written: the listener ends."))
    return 1


def _all_sent(client: Client, patience: float) -> bool:
    """Wait until everything is answered; say what is left where nothing moves for `patience`."""
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
