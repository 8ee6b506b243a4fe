"""The options with which any client is started from the command line: read, and checked."""

import argparse
import os

from messenger.jim.errors import BadRequest
from messenger.jim.names import check_account, check_room, is_room
from messenger.language import _
from messenger.sdk.address import BadAddress, check_port, resolvable
from messenger.sdk.invitation import Invitation, parse_link, parse_server, says_port
from messenger.sdk.server_identity import parse_trust
from messenger.ui.errors import explain
from messenger.ui.profile_choice import Start

INVITE_VARIABLE = "MESSENGER_INVITE"
_SHARED = (
    *("port", "name", "profile", "register", "guest", "reset_code"),
    *("data", "encryption", "restore", "log_level"),
)
"""Options that are passed on as they are."""


def start_from(options: argparse.Namespace) -> Start:
    """Return how to start; raises ValueError if the address, the link or the key is wrong.

    An option that the command does not have is as if it were not given.
    """
    given = {name: value for name in _SHARED if (value := getattr(options, name, None)) is not None}
    start = Start(**given)
    trust = getattr(options, "trust", None)
    trusted = parse_trust(trust) if trust is not None else None
    destination = _destination(options) if hasattr(options, "address") else None
    if destination is not None:
        start = start._replace(
            address=destination.address,
            port=destination.port if options.port is None else options.port,
            invite=destination.token or None,
            fingerprint=None if trusted else destination.key,
            reset_code=destination.reset_code or start.reset_code,
            name=_name(destination, start.name),
        )
    return start._replace(trust=trusted)


def _name(destination: Invitation, given: str | None) -> str | None:
    """Return the name of the account that a link is for; raises ValueError for another one."""
    if destination.account and given not in (None, destination.account):
        raise ValueError(
            _("This link is for {account}, not for {name}", account=destination.account, name=given)
        )
    return destination.account or given


def _destination(options: argparse.Namespace) -> Invitation | None:
    """Return the server that the address or the invitation names, if any; raises ValueError."""
    typed = _typed_address(options)
    given = options.invite
    link = given if given is not None else os.environ.get(INVITE_VARIABLE) or None
    if link is None:
        return typed
    found = parse_link(link)
    if typed is None:
        return found
    port = typed.port if says_port(options.address) else found.port
    return found._replace(address=typed.address, port=port)


def _typed_address(options: argparse.Namespace) -> Invitation | None:
    """Parse ADDR, if it was given; raises ValueError if PORT contradicts it."""
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


def check_start(start: Start, to: str | None = None) -> None:
    """Raise ValueError with a sentence for the user if an option is invalid.

    `to` is the conversation to begin with.
    """
    _check_text(*start, to)
    try:
        if start.address is not None:
            resolvable(start.address)
        if start.port is not None:
            check_port(start.port)
    except BadAddress as error:
        raise ValueError(explain(error)) from error
    if start.profile is not None and not start.profile.strip():
        raise ValueError(_("--profile must not be empty"))
    _check_names(start.name, to)
    if start.restore is not None and not start.restore.is_file():
        raise ValueError(_("There is no file {file}", file=start.restore))


def _check_text(*values: object) -> None:
    """Refuse bytes that are not UTF-8: Python passes them as lone surrogates."""
    for value in values:
        try:
            _ignored = value.encode() if isinstance(value, str) else b""
        except UnicodeEncodeError:
            raise ValueError(_("{text} is not text in UTF-8", text=ascii(value))) from None


def _check_names(name: str | None, to: str | None) -> None:
    option = "-n"
    try:
        if name is not None:
            check_account(name)
        option = "--to"
        # `#` alone is the common chat.
        if to is not None and to != "#":
            (check_room if is_room(to) else check_account)(to)
    except BadRequest as error:
        raise ValueError(f"{option}: {explain(error)}") from error
