"""Directories of profiles, named so that every file system accepts the name."""

import hashlib
import re
from pathlib import Path
from urllib.parse import quote

from platformdirs import user_data_path

_MAX_PLAIN = 100  # bytes; file systems limit a name to 255, and some add their own to it
_MAX_SLUG = 40
_HASH_DIGITS = 16
_MAX_BYTES = 255

_PLAIN = re.compile(r"[a-z0-9][a-z0-9@._ -]*(?<![. ])")
_UNSAFE = re.compile(r"[^a-z0-9@._-]+")
# Windows reserves these names, whatever follows the first dot.
_RESERVED = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9])(\..*)?")


def profiles_directory(data: Path | None) -> Path:
    """Return the directory of all profiles, within the user's data directory by default."""
    # False: without a directory of the author above it, which Windows has by default.
    return (data or user_data_path("messenger", False)).absolute() / "profiles"


def administered_directory() -> Path:
    """Return the directory of what is known of servers that are administered from here."""
    return user_data_path("messenger", False).absolute() / "administered"


def profile_files(profiles: Path) -> list[Path]:
    """Return the files of the profiles in such a directory."""
    return list(profiles.glob("*/profile.json"))


def directory_name(name: str) -> str:
    """Return the name of a profile's directory: at most 100 bytes of ASCII in lower case.

    Other names are reduced to safe characters, and a hash is added, so that no two names share a
    directory, even on a file system that ignores case.
    """
    if len(name) <= _MAX_PLAIN and _PLAIN.fullmatch(name) and not _RESERVED.fullmatch(name):
        return name
    slug = _UNSAFE.sub("-", name.lower()).strip("-. ")[:_MAX_SLUG].strip("-. ") or "profile"
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{slug}~{digest[:_HASH_DIGITS]}"


def find_directory(parent: Path, name: str) -> Path:
    """Return the directory of the profile of that name, whether it exists or not.

    Earlier versions wrote `%XX` for most characters: such a directory is still used.
    """
    found = parent / directory_name(name)
    earlier = quote(name, safe="@ ", errors="surrogatepass")
    if found.name == earlier or len(earlier) > _MAX_BYTES or found.exists():
        return found
    # Listed, not `exists`: a file system that ignores case would find another profile's.
    known = {one.name for one in parent.iterdir()} if parent.is_dir() else set()
    return parent / earlier if earlier in known else found
