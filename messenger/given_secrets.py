"""Secrets that a client is started with: in a file, or in the environment."""

import os
from pathlib import Path

from messenger.language import _
from messenger.system_errors import reason_of
from messenger.ui.prompts import NoLogin

PASSWORD_VARIABLE = "MESSENGER_PASSWORD"  # noqa: S105  the name of a variable
PASSPHRASE_VARIABLE = "MESSENGER_PASSPHRASE"  # noqa: S105  the name of a variable


def given_password(file: Path | None) -> str | None:
    """Return the password from a file or the environment; raises NoLogin."""
    if file is None:
        return _check_password(os.environ.get(PASSWORD_VARIABLE, ""), PASSWORD_VARIABLE) or None
    try:
        # Editors on Windows begin a file with a byte order mark, which is no part of the password.
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoLogin(_("{file} is not text in UTF-8", file=file)) from error
    except OSError as error:
        reason = reason_of(error)
        raise NoLogin(_("{file} cannot be read ({reason})", file=file, reason=reason)) from error
    # Only the line end: a password may begin or end with spaces.
    password = _check_password(text.split("\n")[0].rstrip("\r"), file)
    if not password:
        raise NoLogin(_("There is no password in the first line of {file}", file=file))
    return password


def given_passphrase() -> str | None:
    """Return the passphrase from the environment, if any."""
    return os.environ.get(PASSPHRASE_VARIABLE)


def _check_password(password: str, source: object) -> str:
    try:
        password.encode()
    except UnicodeEncodeError as error:
        raise NoLogin(_("{file} is not text in UTF-8", file=source)) from error
    return password
