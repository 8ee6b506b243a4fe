"""The system's libraries that Qt needs on Linux, and the packages that have them; imports no Qt."""

import ctypes
import shutil
import sys
from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Library(NamedTuple):
    """A shared library, and its packages on Debian and Ubuntu, and on Fedora and its kin."""

    name: str
    debian: str
    fedora: str


_ALWAYS = (
    Library("libEGL.so.1", "libegl1", "libglvnd-egl"),
    Library("libGL.so.1", "libgl1", "libglvnd-glx"),
    Library("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon"),
    Library("libdbus-1.so.3", "libdbus-1-3", "dbus-libs"),
    Library("libfontconfig.so.1", "libfontconfig1", "fontconfig"),
    Library("libfreetype.so.6", "libfreetype6", "freetype"),
    Library("libglib-2.0.so.0", "libglib2.0-0", "glib2"),
    Library("libgssapi_krb5.so.2", "libgssapi-krb5-2", "krb5-libs"),
)
_X11 = (
    Library("libX11-xcb.so.1", "libx11-xcb1", "libX11-xcb"),
    Library("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor"),
    Library("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm"),
    Library("libxcb-image.so.0", "libxcb-image0", "xcb-util-image"),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms"),
    Library("libxcb-randr.so.0", "libxcb-randr0", "libxcb"),
    Library("libxcb-render-util.so.0", "libxcb-render-util0", "xcb-util-renderutil"),
    Library("libxcb-render.so.0", "libxcb-render0", "libxcb"),
    Library("libxcb-shape.so.0", "libxcb-shape0", "libxcb"),
    Library("libxcb-shm.so.0", "libxcb-shm0", "libxcb"),
    Library("libxcb-sync.so.1", "libxcb-sync1", "libxcb"),
    Library("libxcb-xfixes.so.0", "libxcb-xfixes0", "libxcb"),
    Library("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb"),
    Library("libxcb-util.so.1", "libxcb-util1", "xcb-util"),
    Library("libxcb-glx.so.0", "libxcb-glx0", "libxcb"),
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11"),
)
_WAYLAND = (
    Library("libwayland-client.so.0", "libwayland-client0", "libwayland-client"),
    Library("libwayland-cursor.so.0", "libwayland-cursor0", "libwayland-cursor"),
)


def libraries(environment: Mapping[str, str]) -> tuple[Library, ...]:
    """Return the libraries that a window needs on the display that this environment names."""
    return (
        *_ALWAYS,
        *(_X11 if environment.get("DISPLAY") else ()),
        *(_WAYLAND if environment.get("WAYLAND_DISPLAY") else ()),
    )


def missing(wanted: Iterable[Library]) -> list[Library]:
    """Return those that the dynamic linker does not find, or finds broken."""
    return [library for library in wanted if not _loads(library.name)]


def install_command(wanted: Iterable[Library]) -> str:
    """Return the command that installs the packages of these, or their names if none is known."""
    if shutil.which("apt-get"):
        return f"apt-get install {_joined(library.debian for library in wanted)}"
    if shutil.which("dnf"):
        return f"dnf install {_joined(library.fedora for library in wanted)}"
    return _joined(library.name for library in wanted)


def _joined(names: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(names))


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def main(arguments: list[str]) -> int:
    """Print the packages that are missing, for `debian` or `fedora`: `make` installs them.

    Behind it: `x11` and `wayland`, if their libraries are wanted, too.
    """
    manager, *displays = arguments
    variables = {"x11": "DISPLAY", "wayland": "WAYLAND_DISPLAY"}
    lacking = missing(libraries({variables[display]: "yes" for display in displays}))
    names = (library.debian if manager == "debian" else library.fedora for library in lacking)
    sys.stdout.write(_joined(names) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
