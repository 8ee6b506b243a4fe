"""Runs a client from its options to its exit code: the place that wires its objects."""

import logging
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, NamedTuple

from messenger.console.chat import Chat
from messenger.console.login import Keys, NoLogin, given_password, log_in
from messenger.console.pipes import Output, Pipe, complain
from messenger.console.security import progress_shown
from messenger.console.welcome import introduce
from messenger.jim.errors import BadRequest
from messenger.jim.names import EVERYONE, check_account
from messenger.language import _, ngettext
from messenger.log.client_log_config import configure
from messenger.sdk.address import BadAddress, check_address
from messenger.sdk.backup import restore
from messenger.sdk.client import Client
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.events import DeviceApproved, IdentityMade
from messenger.sdk.invitation import DEFAULT_PORT, Invitation, parse_server
from messenger.sdk.login import Credentials
from messenger.sdk.profiles import Profile, Profiles, Record, system_name
from messenger.sdk.safe import has_keyring
from messenger.sdk.store import Store
from messenger.sdk.trust import Encryption

_logger = logging.getLogger("messenger.client")

_PATIENCE = 3.0
_GOODBYE = 5.0
_INTERRUPTED = 130


class Options(NamedTuple):
    """What the command line says; `timeout` (seconds) is how long pipes wait for the server."""

    address: str | None = None
    port: int | None = None
    name: str | None = None
    profile: str | None = None
    mode: Literal["chat", "send", "listen"] = "chat"
    to: str | None = None
    screen: bool = False
    as_json: bool = False
    register: bool = False
    invite: str | None = None
    data: Path | None = None
    password_file: Path | None = None
    timeout: float | None = None
    encryption: Encryption | None = None
    fingerprint: str | None = None
    restore: Path | None = None
    log_level: str = "INFO"

    @property
    def talks(self) -> bool:
        """Whether a user is there, not a program."""
        return self.mode == "chat" and not self.as_json

    @property
    def is_full_screen(self) -> bool:
        """Whether there is a terminal to fill."""
        return self.talks and self.screen and sys.stdin.isatty() and sys.stdout.isatty()


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
    keys = Keys(
        may_ask=_has_terminal(talking=options.talks), password=given_password(options.password_file)
    )
    chosen = _choose_profile(options, keys)
    if chosen is None:
        return 0
    profile, record = chosen
    if options.encryption not in (None, record.encryption):
        record.encryption = options.encryption or "auto"
        profile.save()
    credentials = _credentials(options, record, profile, keys)
    if options.talks and not profile.claim():
        raise NoLogin(
            _(
                "{name} is open in another window already: close it, or take another --profile",
                name=profile.name,
            )
        )
    profile.unlock(keys.passphrase, keys.recovery_code)
    profile.lock_new()
    _configure_log(profile.directory, options.log_level)
    if options.restore is not None:
        _restore(profile, options.restore, keys)
    # What a pipe hears is its own: a chat that is open beside it has to hear it too.
    store = profile.open_store() if options.talks else profile.open_pipe()
    client = Client(
        record.address,
        record.port,
        credentials,
        store,
        encryption=record.encryption,
        fingerprint=options.fingerprint,
    )
    if options.talks:
        profile.keep_spare(store)
        for event in (IdentityMade, DeviceApproved):
            client.on(event)(lambda _: profile.keep_spare(store))
    try:
        if options.is_full_screen:
            return _screen(client, profile, keys, options)
        if options.talks:
            return _chat(client, profile, keys, options)
        return _pipe(client, keys, options)
    finally:
        client.close()
        if options.talks:
            store.close()
        else:
            profile.close_pipe(store)
        profile.release()


# --- whose client it is ------------------------------------------------------------------------


def _choose_profile(options: Options, keys: Keys) -> tuple[Profile, Record] | None:
    """Return the profile that is meant, or a new one; None if a new user leaves again."""
    profiles = Profiles(options.data)
    profile: Profile | None
    if options.profile is not None:
        profile = _check_fits(profiles.named(options.profile), options)
    else:
        port = (options.port or DEFAULT_PORT) if options.address else options.port
        profile = profiles.last(options.address, port, options.name)
    if profile is not None and profile.record is not None:
        return profile, profile.record
    if options.is_full_screen and (options.address is None or options.name is None):
        return _welcome(options, profiles)
    address, port = options.address, options.port
    if address is None:
        address, port, *_rest = _ask_for_server(keys)
    name = options.name or (keys.name(system_name()) if options.talks else system_name())
    port = DEFAULT_PORT if port is None else port
    try:
        check_account(name)
        check_address(address, port)
    except BadRequest as error:
        raise NoLogin(f"{error}: -n NAME") from error
    except BadAddress as error:
        raise NoLogin(str(error)) from error
    profile = profile or profiles.of(address, port, name)
    return profile, profile.set_up(address, port, name)


def _check_fits(profile: Profile, options: Options) -> Profile:
    """Refuse to take a profile for another account than its own."""
    record = profile.record
    if record is not None and (
        options.address not in (None, record.address)
        or options.port not in (None, record.port)
        or options.name not in (None, record.account)
    ):
        raise NoLogin(
            _(
                "The profile {profile} is that of {name} on {address}:{port}: take another",
                profile=profile.name,
                name=record.account,
                address=record.address,
                port=record.port,
            )
        )
    return profile


def _ask_for_server(keys: Keys) -> Invitation:
    while True:
        try:
            return parse_server(keys.server())
        except ValueError as error:
            print(error)


def _welcome(options: Options, profiles: Profiles) -> tuple[Profile, Record] | None:
    """Let a new user say who they are; keep what the first login has given."""
    from messenger.console.screen.welcome import Welcome

    first = Store()
    first.is_passing = False  # A file takes it over.
    app = Welcome(
        lambda newcomer: introduce(newcomer, first, options.encryption or "auto"),
        server=_server_text(options),
        name=options.name or system_name(),
        has_keyring=has_keyring(),
    )
    newcomer = app.run()
    if newcomer is None:
        return None
    address, port, credentials, remember, _fingerprint, passphrase = newcomer
    if options.profile is not None:
        profile = profiles.named(options.profile)
    else:
        profile = profiles.of(address, port, credentials.name)
    profile.set_up(address, port, credentials.name)
    profile.lock_new(passphrase)
    if remember is not None and credentials.password is not None:
        profile.remember_password(credentials.password, remember)
    kept = profile.open_store()
    kept.take_over(first)
    kept.close()
    first.close()
    assert profile.record is not None
    return profile, profile.record


def _restore(profile: Profile, file: Path, keys: Keys) -> None:
    """Put what a backup has in the place of what the profile keeps."""
    store = profile.open_store()
    try:
        restore(file, keys.passphrase(), store, progress_shown(print))
    finally:
        store.close()
    print(_("What was in {file} is here again.", file=file))


def _server_text(options: Options) -> str:
    if options.address is None:
        return ""
    port = options.port or DEFAULT_PORT
    if options.invite is not None:
        key = f"&key={options.fingerprint}" if options.fingerprint else ""
        return f"jim://{options.address}:{port}?invite={options.invite}{key}"
    return options.address if port == DEFAULT_PORT else f"{options.address}:{port}"


def _credentials(options: Options, record: Record, profile: Profile, keys: Keys) -> Credentials:
    name = record.account
    if options.register or options.invite:
        password = profile.password() or keys.new_password(name)
        return Credentials(name, password, register=True, invite=options.invite)
    return Credentials(name, keys.given or profile.password())


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


def _screen(client: Client, profile: Profile, keys: Keys, options: Options) -> int:
    from messenger.console.screen.app import MessengerApp

    app = MessengerApp(client, profile, to=options.to or EVERYONE, password=keys.given)
    app.run()
    return int(not _all_sent(client, _GOODBYE))


# --- talking -----------------------------------------------------------------------------------


def _chat(client: Client, profile: Profile, keys: Keys, options: Options) -> int:
    output = Output()
    to = options.to or EVERYONE
    chat = Chat(client, output.show, profile, keys, to=to)
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
