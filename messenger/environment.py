"""Lets the scripts in the project's root use the environment that `make setup` creates."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_NEEDED = "msgspec"  # one of the libraries stands for all


def use_own_environment() -> None:
    """Restart the script with the Python of `.venv` if this one lacks the libraries.

    If there is no `.venv`, say how to create it and exit with code 2.
    """
    if find_spec(_NEEDED) is not None:
        return
    environment = _ROOT / ".venv"
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    # A `.venv` that lacks them, too, would restart itself for ever.
    if python.exists() and Path(sys.prefix).resolve() != environment.resolve():
        os.execv(python, [str(python), *sys.argv])  # noqa: S606  our own program
    from messenger.language import _

    said = _("Messenger is not set up here: run make setup in {directory}", directory=_ROOT)
    sys.stderr.write(f"{said}\n")
    sys.exit(2)
