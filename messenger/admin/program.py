"""Runs a verb of `messenger admin`, on this machine or on a server far away."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from messenger.admin.output import Shown, write
from messenger.admin.secrets import password_of
from messenger.command_line import settings_files
from messenger.jim.errors import ProtocolError
from messenger.language import _, own_language
from messenger.offline_server import operator_connection, running_server, server_settings
from messenger.output import is_pipe, visible, write_error
from messenger.sdk.administration import Administration, at_server, on_socket
from messenger.sdk.administration.known_servers import KnownServer
from messenger.sdk.directories import administered_directory
from messenger.sdk.errors import ClientError
from messenger.sdk.invitation import parse_server
from messenger.sdk.server_identity import parse_trust
from messenger.ui.errors import explain
from messenger.ui.prompts import NoLogin

OK = 0
REFUSED = 1
WRONG_USE = 2

Verb = Callable[[Administration, argparse.Namespace], Shown | Iterator[Shown]]


def run(options: argparse.Namespace) -> int:
    """Run the verb; return 0, 1 if the server refuses it, or 2 if it cannot be asked.

    Of checks it is 1 after a warning, and 2 after a failure.

    Raises CannotStart if the server on this machine cannot be used.
    """
    try:
        if _is_alone(options):
            return _write(options.alone(options), options)
        with _opened(options) as server:
            verb: Verb = options.verb
            return _write_until_interrupted(verb(server, options), options)
    except (NoLogin, ValueError) as error:
        return _complain(explain(error), WRONG_USE)
    # Before ProtocolError, which some of them are, too: these are no words of the server's.
    except ClientError as error:
        return _complain(explain(error), WRONG_USE)
    except ProtocolError as error:
        return _complain(explain(error), REFUSED)


def _is_alone(options: argparse.Namespace) -> bool:
    """Tell whether no server runs on this machine, and the verb is another one then."""
    if options.server is not None or "alone" not in options:
        return False
    running = running_server(server_settings(settings_files(options)).data)
    if running is not None:
        running.close()
    return running is None


def _write_until_interrupted(shown: Shown | Iterator[Shown], options: argparse.Namespace) -> int:
    try:
        return _write(shown, options)
    except KeyboardInterrupt:
        # Whatever it interrupts: that is how a verb ends that goes on for ever.
        if getattr(options, "follow", False) or getattr(options, "watch", None) is not None:
            return OK
        raise


def _write(shown: Shown | Iterator[Shown], options: argparse.Namespace) -> int:
    """Write what a verb shows; return the exit code."""
    parts = iter([shown]) if isinstance(shown, Shown) else shown
    code = OK
    # Before a write fails: then the stream leads nowhere.
    is_read_by_program = is_pipe(sys.stdout)
    for part in parts:
        code = max(code, part.code)
        if not write(part, as_json=options.json):
            if is_read_by_program:  # such as `head`, which has seen enough
                return code
            said = _("Standard output cannot be written: it is closed, or its disk is full")
            return _complain(said, WRONG_USE)
    return code


@contextmanager
def _opened(options: argparse.Namespace) -> Iterator[Administration]:
    if options.server is None:
        if options.user is not None:
            raise ValueError(_("--user is for a server far away: specify it by --server"))
        given = settings_files(options)
        with operator_connection(server_settings(given), given) as connected:
            yield on_socket(connected, own_language())
        return
    if options.user is None:
        raise ValueError(_("Whose account administers? Specify it by --user"))
    where = parse_server(options.server)
    server = at_server(
        where.address,
        where.port,
        options.user,
        password_of(options.user, options.password_file),
        KnownServer(administered_directory(), where.address, where.port),
        fingerprint=parse_trust(options.trust) if options.trust is not None else None,
        language=own_language(),
    )
    with server:
        yield server


def _complain(error: str, code: int) -> int:
    write_error(visible(error, lines=True))
    return code
