"""Run by `messenger.windows.platform` in a process of its own: Qt starts there, or fails there.

With `--libraries` it prints the names of the libraries that are missing, and starts nothing.
"""

import os
import sys
from contextlib import suppress


def main(arguments: list[str]) -> int:
    """Start Qt as the program will; return 0 if that succeeds, and often abort if not."""
    if arguments == ["--libraries"]:
        from messenger.windows.libraries import libraries, missing

        sys.stdout.write("\n".join(library.name for library in missing(libraries(os.environ))))
        return 0
    _leave_no_core()
    from PyQt6 import QtDBus, QtNetwork, QtSvg, QtWidgets  # noqa: F401  loads the system's libraries that they need

    app = QtWidgets.QApplication([])
    return 0 if app.platformName() else 1


def _leave_no_core() -> None:
    with suppress(ImportError, OSError, ValueError):
        import resource  # There is none on Windows.

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
