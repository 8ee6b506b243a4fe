"""Runs a line client from its options to its exit code: the place that wires its objects."""

import logging
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, NamedTuple

from messenger.console.chat import Chat
from messenger.console.login import Keys, NoLogin, given_password, log_in
from messenger.console.pipes import Output, Pipe, complain
from messenger.console.profiles import Profiles, give_back, lend, system_name
from messenger.jim.errors import BadRequest
from messenger.jim.names import EVERYONE, check_account
from messenger.language import _, ngettext
from messenger.log.client_log_config import configure
from messenger.sdk.client import Client
from messenger.sdk.core import Credentials
from messenger.sdk.errors import StoreUnusable

_logger = logging.getLogger("messenger.client")

_PATIENCE = 3.0
_GOODBYE = 5.0
_INTERRUPTED = 130


class Options(NamedTuple):
    """What the command line says; `timeout` (seconds) is how long pipes wait for the server."""

    address: str
    port: int
    name: str | None = None
    mode: Literal["chat", "send", "listen"] = "chat"
    to: str | None = None
    screen: bool = False
    as_json: bool = False
    register: bool = False
    invite: str | None = None
    data: Path | None = None
    password_file: Path | None = None
    timeout: float | None = None
    log_level: str = "INFO"


def run(options: Options) -> int:
    """Run a client; return the exit code: 0, 1 if something was not sent, 2 for a wrong order."""
    try:
        return _run(options)
    except (NoLogin, StoreUnusable) as error:
        complain(str(error))
        return 2
    except KeyboardInterrupt:
        return _INTERRUPTED


def _run(options: Options) -> int:
    talking = options.mode == "chat" and not options.as_json
    profiles = Profiles(options.data, options.address, options.port)
    keys = Keys(
        may_ask=_has_terminal(talking=talking), password=given_password(options.password_file)
    )
    name = options.name or _name(profiles, keys, talking=talking)
    try:
        check_account(name)
    except BadRequest as error:
        raise NoLogin(f"{error}: -n NAME") from error
    profile = profiles.open(name)
    _configure_log(profiles.directory, options.log_level)
    credentials = _credentials(options, name, profiles, keys)
    # What a pipe hears is its own: a chat that is open beside it has to hear it too.
    store = profile if talking and profiles.claim(name) else lend(profile)
    client = Client(options.address, options.port, credentials, store, program="messenger-line")
    try:
        if talking and options.screen and sys.stdin.isatty() and sys.stdout.isatty():
            return _screen(client, keys, options, lambda: profiles.forget_password(name))
        if talking:
            return _chat(client, keys, options, lambda: profiles.forget_password(name))
        return _pipe(client, keys, options)
    finally:
        client.close()
        if store is not profile:
            give_back(store, profile)
            store.close()
        profile.close()


def _name(profiles: Profiles, keys: Keys, *, talking: bool) -> str:
    last = profiles.last_name()
    if last is not None or not talking:
        return last or system_name()
    return keys.name(system_name())


def _credentials(options: Options, name: str, profiles: Profiles, keys: Keys) -> Credentials:
    if options.register or options.invite:
        password = profiles.password(name) or keys.new_password(name)
        return Credentials(name, password, register=True, invite=options.invite)
    return Credentials(name, keys.given or profiles.password(name))


def _configure_log(directory: Path, level: str) -> None:
    try:
        configure(directory / "log", level)
    except OSError as error:
        raise StoreUnusable(
            _("{file} cannot be written ({reason})", file=directory, reason=error.strerror)
        ) from error


def _has_terminal(*, talking: bool) -> bool:
    """Tell whether somebody is there who can be asked: in a pipe, at the terminal beside it."""
    if talking:
        return sys.stdin.isatty()
    try:
        with Path("/dev/tty").open():
            return sys.stderr.isatty()
    except OSError:
        return False


def _screen(
    client: Client, keys: Keys, options: Options, password_changed: Callable[[], None]
) -> int:
    from messenger.console.screen.app import MessengerApp

    app = MessengerApp(
        client, to=options.to or EVERYONE, password=keys.given, password_changed=password_changed
    )
    app.run()
    return int(not _all_sent(client, _GOODBYE))


# --- talking -----------------------------------------------------------------------------------


def _chat(
    client: Client, keys: Keys, options: Options, password_changed: Callable[[], None]
) -> int:
    output = Output()
    to = options.to or EVERYONE
    chat = Chat(client, output.show, keys, to=to, password_changed=password_changed)
    client.start()
    patience = _PATIENCE if sys.stdin.isatty() else options.timeout
    if log_in(client, keys, output.show, patience):
        _greet(client, output.show)
    chat.open(chat.current)
    chat.run(_lines(chat))
    return int(not _all_sent(client, _GOODBYE if sys.stdin.isatty() else options.timeout))


def _greet(client: Client, show: Callable[[str], None]) -> None:
    core = client.core
    said = _(
        "You are {name} on {address}:{port}. /help shows the commands, Ctrl+D leaves.",
        name=core.credentials.name,
        address=client.address,
        port=client.port,
    )
    show(said)
    if core.is_guest:
        show(_("You are a guest: start with --register to make this name yours."))


def _lines(chat: Chat) -> Iterable[str]:
    if sys.stdin.isatty() and sys.stdout.isatty():
        from messenger.console.terminal import prompt_lines

        return prompt_lines(chat)
    return _standard_input()


def _standard_input() -> Iterable[str]:
    sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]  # it is a TextIOWrapper
    return sys.stdin


# --- pipes -------------------------------------------------------------------------------------


def _pipe(client: Client, keys: Keys, options: Options) -> int:
    output = Output()
    pipe = Pipe(client, output, complain, as_json=options.as_json)
    if options.mode != "send":
        pipe.listen(options.to if options.mode == "listen" else None)
    client.start()
    if not log_in(client, keys, complain, options.timeout):
        raise NoLogin(_("The server was not to be reached in time."))
    if options.mode == "listen":
        return _wait(output)
    try:
        pipe.send(_standard_input(), options.to or EVERYONE)
        sent = _all_sent(client, options.timeout)
        return int(not sent or pipe.failed > 0)
    except KeyboardInterrupt:
        _all_sent(client, 0)
        raise


def _wait(output: Output) -> int:
    """Listen until nobody wants to hear more."""
    try:
        output.closed.wait()
    except KeyboardInterrupt:
        _logger.info("Interrupted")
    return 0


def _all_sent(client: Client, timeout: float | None) -> bool:
    """Wait until everything is answered; say what is left where the time (seconds) is over."""
    if client.wait_until_sent(timeout):
        return True
    count = client.store.count_unsent()
    if client.store.lasting:
        said = ngettext(
            "{count} message waits here, and is sent next time.",
            "{count} messages wait here, and are sent next time.",
            count,
        )
    else:
        said = ngettext("{count} message was not sent.", "{count} messages were not sent.", count)
    complain(said)
    return False
