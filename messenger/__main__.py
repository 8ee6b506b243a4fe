"""The command `messenger`: a server, a client, and the operator's tools."""

import argparse
import gc
import logging
import os
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from messenger.command_arguments import Run, make_parser
from messenger.language import _, ngettext
from messenger.output import can_show, visible, write_error, write_line
from messenger.undumpable import forbid_dumps

if TYPE_CHECKING:
    from messenger.console.options import Options
    from messenger.sdk.invitation import Invitation

_INTERRUPTED = 130  # 128 + SIGINT, as shells report it
# At Python's default thresholds the garbage collector takes a fifth of a start, which makes no
# cycles, and 1 µs per message at the server. A screen makes some: the last number is the default.
_GC_THRESHOLDS = (50_000, 20, 10)
_INVITE_VARIABLE = "MESSENGER_INVITE"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code: 0, or 2 if the user has to correct something."""
    gc.set_threshold(*_GC_THRESHOLDS)
    try:
        options = make_parser(
            server=_guarded(_server), chat=_chat, run=_run, invite=_guarded(_invite)
        ).parse_args(arguments)
        code: int = options.run(options)
    except KeyboardInterrupt:  # while modules are loaded
        return _INTERRUPTED
    return code


def _chat(options: argparse.Namespace) -> int:
    from messenger.console import options as console
    from messenger.console import program
    from messenger.sdk.server_identity import parse_trust

    # Before any key or password is in memory.
    forbid_dumps()
    try:
        destination = _destination(options)
        trusted = parse_trust(options.trust) if options.trust is not None else None
        given = _user_options(
            options,
            address=destination and destination.address,
            port=destination.port if destination and options.port is None else options.port,
            mode=options.mode,
            to=options.to,
            as_json=options.json,
            events=options.events,
            register=options.register,
            guest=options.guest,
            invite=(destination and destination.token) or None,
            timeout=options.timeout,
            encryption=options.encryption,
            fingerprint=destination.key if destination and not trusted else None,
            trust=trusted,
            restore=options.restore,
        )
        console.check(given)
    except ValueError as error:
        return _complain_of(error)
    return program.run(given)


def _destination(options: argparse.Namespace) -> "Invitation | None":
    """Return the server that the address or the invitation names, if any; raises ValueError."""
    from messenger.sdk.invitation import parse_link, says_port

    typed = _typed_address(options)
    given = options.invite
    link = given if given is not None else os.environ.get(_INVITE_VARIABLE) or None
    if link is None:
        return typed
    found = parse_link(link)
    if typed is None:
        return found
    port = typed.port if says_port(options.address) else found.port
    return found._replace(address=typed.address, port=port)


def _typed_address(options: argparse.Namespace) -> "Invitation | None":
    """Parse ADDR, if it was given; raises ValueError if PORT contradicts it."""
    from messenger.sdk.invitation import parse_server, says_port

    if options.address is None:
        return None
    typed = parse_server(options.address)
    if says_port(options.address) and options.port not in (None, typed.port):
        raise ValueError(
            _(
                "The address {address} and the port {port} contradict each other: give one port",
                address=options.address,
                port=options.port,
            )
        )
    return typed


def _run(options: argparse.Namespace) -> int:
    forbid_dumps()
    from messenger.console import hosting
    from messenger.console import options as console

    try:
        given = _user_options(options, port=options.port)
        console.check(given._replace(port=given.port or None))  # 0: any free one
    except ValueError as error:
        return _complain_of(error)
    return hosting.run(given)


def _user_options(options: argparse.Namespace, **more: Any) -> "Options":
    """Return the options that `chat` and `run` share, together with `more`."""
    from messenger.console.options import Options

    return Options(
        name=options.name,
        profile=options.profile,
        screen=options.screen,
        data=options.data,
        password_file=options.password_file,
        log_level=options.log_level,
        **more,
    )


def _server(options: argparse.Namespace) -> int:
    from messenger.server.signals import hold_reloads

    # Before the slow imports: until it is handled, SIGHUP ends the process.
    hold_reloads()
    os.umask(0o077)
    from messenger.server.config import load_settings

    settings = load_settings(_given(options))
    from messenger.server.program import run

    run(settings, stop_at_eof=options.stop_at_eof)
    return 0


def _invite(options: argparse.Namespace) -> int:
    from messenger.server.config import load_settings
    from messenger.server.invitations import check_order, doubt, make_link
    from messenger.server.program import open_database

    os.umask(0o077)
    settings = load_settings(_given(options))
    check_order(settings, options.uses, options.days)
    engine = open_database(settings)
    try:
        link = make_link(settings, engine, options.uses, options.days)
    finally:
        engine.dispose()
    if warning := doubt(settings):
        write_error(warning)
    return _show_link(link, options.uses, options.days)


def _show_link(link: str, uses: int, days: float) -> int:
    """Print the link; in a terminal also for how many people and until when, and its QR code.

    A script gets nothing but the link.
    """
    if not write_line(link):
        return _complain(_("The link could not be written: standard output is closed or full"))
    if not sys.stdout.isatty():
        return 0
    until = time.strftime("%Y-%m-%d %H:%M", time.localtime(time.time() + days * 24 * 3600))
    write_line(
        ngettext(
            "{count} person can register with this link, until {until}.",
            "{count} people can register with this link, until {until}.",
            uses,
            until=until,
        )
    )
    if can_show("█▀▄", sys.stdout):
        from messenger.console.qr import qr_lines

        for line in qr_lines(link):
            write_line(line)
    return 0


def _guarded(work: Run) -> Run:
    """Make an operator's command end with a one-line error and exit code 2, whatever it raises."""

    def run(options: argparse.Namespace) -> int:
        from messenger.server.errors import CannotStart

        try:
            return work(options)
        except CannotStart as error:
            option = f" (--{error.setting.replace('_', '-')})" if error.setting else ""
            return _complain(f"{error}{option}")
        except Exception as error:
            return _complain(f"{type(error).__name__}: {error}")

    return run


def _given(options: argparse.Namespace) -> dict[str, object]:
    given = {
        name: getattr(options, name, None)
        for name in ("address", "port", "data", "config", "engine", "log_level")
    }
    limits = getattr(options, "limits", None)
    given["limits_on"] = None if limits is None else limits == "on"
    return given


def _complain_of(error: ValueError) -> int:
    """Tell the user of an option that is wrong, in the words of the user interface."""
    from messenger.ui.errors import explain

    return _complain(explain(error))


def _complain(error: str) -> int:
    logging.getLogger("messenger").error("%s", error)
    write_error(visible(error))
    return 2


if __name__ == "__main__":
    sys.exit(main())
