"""How the operator's commands end: exit codes, errors in one sentence, lines of JSON."""

import argparse
from collections.abc import Callable
from typing import Any

from messenger.output import visible, write_error, write_line

DONE = 0
NOT_NOW = 1
"""The command is right, but something else has to be done first; or there is a warning."""
WRONG = 2
"""Something has to be corrected: an argument, a setting, what a check has found."""

Run = Callable[[argparse.Namespace], int]


def guarded(run: Run) -> Run:
    """Make a command end with a one-line error, whatever it raises."""

    def run_guarded(options: argparse.Namespace) -> int:
        from messenger.server.errors import CannotStart
        from messenger.server.settings.toml_file import CannotSave

        try:
            return run(options)
        except CannotSave as error:
            return fail(str(error), NOT_NOW)
        except CannotStart as error:
            return fail(str(error), WRONG)
        except KeyboardInterrupt:
            raise
        except Exception as error:
            return fail(f"{type(error).__name__}: {error}", WRONG)

    return run_guarded


def fail(said: str, code: int) -> int:
    """Print an error; return its exit code."""
    write_error(visible(said))
    return code


def write_json(found: Any) -> bool:
    """Print an object on a line of its own, for programs; return whether anybody reads it."""
    import msgspec  # here, because every command loads this module

    return write_line(msgspec.json.encode(found).decode(), as_is=True)
