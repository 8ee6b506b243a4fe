"""The scripts of the project's root find what `make setup` has installed for them."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_NEEDED = "msgspec"  # one of the libraries stands for all


def use_own_environment() -> None:
    """Start the script again by the Python of `.venv` if this one has not got what it needs.

    Where there is none, say how to get it and end with exit code 2.
    """
    if find_spec(_NEEDED) is not None:
        return
    own = _ROOT / ".venv"
    python = own / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if python.exists() and Path(sys.prefix).resolve() != own.resolve():
        os.execv(python, [str(python), *sys.argv])  # noqa: S606  our own program
    from messenger.language import _

    said = _("Messenger is not set up here: run make setup in {directory}", directory=_ROOT)
    sys.stderr.write(f"{said}\n")
    sys.exit(2)
