"""Checks of the options with which any client is started from the command line."""

from messenger.jim.errors import BadRequest
from messenger.jim.names import check_account, check_room, is_room
from messenger.language import _
from messenger.sdk.address import BadAddress, check_port, resolvable
from messenger.ui.errors import explain
from messenger.ui.profile_choice import Start


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
