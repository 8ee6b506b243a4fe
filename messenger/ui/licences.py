"""The licences of everything that Messenger is shipped with, from what is installed."""

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple

_TEXTS = Path(__file__).parent / "licence_texts"
_NAME = re.compile(r"[\w.-]+")
_EXTRA = re.compile(r"extra *== *['\"]([\w-]+)['\"]")
_FILE = re.compile(r"(licen[sc]e|copying|notice)", re.IGNORECASE)
_OWN_FILE = "LICENSE"
_CLASSIFIER = "License :: OSI Approved :: "
_ADDRESSES = ("homepage", "source", "repository", "github", "documentation")
_LONGEST = 60
"""Characters of a licence's name: some packages have the whole text in its place."""

_WORDS = {
    "MIT": "Permission is hereby granted, free of charge",
    "Apache-2.0": "Apache License",
    "Zlib": "This software is provided 'as-is'",
}
"""Words by which the text of a licence is recognised."""

_SHIPPED_EXTRAS = ("desktop",)
_FIRST = ("messenger", "pyqt6", "pyqt6-qt6", "pyqt6-sip")
"""These come first: the licence of Qt's binding is that of the whole."""


class Licence(NamedTuple):
    """A package or a collection of data, its licence's name, its address, and the whole text."""

    name: str
    version: str
    licence: str
    address: str
    text: str


def licences() -> list[Licence]:
    """Return all licences; reads hundreds of files, so not in a thread that draws."""
    found = [_of_package(one) for one in _packages("messenger").values()]
    key = {name: place for place, name in enumerate(_FIRST)}
    packages = sorted(found, key=lambda one: (key.get(_key(one.name), len(key)), _key(one.name)))
    return packages + _data()


def _packages(root: str) -> dict[str, Distribution]:
    """Return a package and all that it needs, as far as that is installed; without dev tools."""
    found: dict[str, Distribution] = {}
    waiting = [root]
    while waiting:
        name = waiting.pop()
        if _key(name) in found:
            continue
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue  # It is for another system or another version of Python.
        found[_key(name)] = package
        for needed in package.requires or ():
            extra = _EXTRA.search(needed)
            match = _NAME.match(needed)
            if match and (extra is None or (name == root and extra[1] in _SHIPPED_EXTRAS)):
                waiting.append(match[0])
    return found


def _of_package(package: Distribution) -> Licence:
    about = package.metadata
    files = [one for one in package.files or () if _FILE.match(one.name) and _is_about(one.parts)]
    places = [Path(file.locate()) for file in files]
    if not places:  # A working copy: its metadata lie beside the licence.
        places = [Path(str(package.locate_file(_OWN_FILE)))]
    texts = [one.read_text("utf-8", "replace").strip() for one in places if one.is_file()]
    text = "\n\n".join(texts)
    name = _licence_name(package) or _recognised(text)
    return Licence(about["Name"] or "", package.version, name, _address(package), text)


def _recognised(text: str) -> str:
    """Return the name of a licence whose package does not name it."""
    return next((name for name, words in _WORDS.items() if words in text), "")


def _is_about(parts: tuple[str, ...]) -> bool:
    return parts[0].endswith(".dist-info")


def _licence_name(package: Distribution) -> str:
    about = package.metadata
    for field in ("License-Expression", "License"):
        if field in about and about[field] and len(about[field]) < _LONGEST:
            return about[field].strip()
    names = [
        one.removeprefix(_CLASSIFIER)
        for one in about.get_all("Classifier") or ()
        if one.startswith(_CLASSIFIER)
    ]
    return ", ".join(names)


def _address(package: Distribution) -> str:
    about = package.metadata
    pairs = [one.partition(", ")[::2] for one in about.get_all("Project-URL") or ()]
    named = {label.casefold(): address for label, address in pairs}
    own = next(iter(about.get_all("Home-page") or ()), "")
    return own or next((named[one] for one in _ADDRESSES if one in named), "")


def _data() -> list[Licence]:
    """Return the licences of data and fonts within packages, which no metadata mention."""
    return [
        Licence("Phosphor Icons", "1.3.0", "MIT", "https://phosphoricons.com",
                _filled("mit", "2020 Phosphor Icons")),
        Licence("emojibase-data", "17.0.0", "MIT", "https://emojibase.dev",
                _filled("mit", "2017-2019 Miles Johnson")),
        Licence("Unicode CLDR, UTS #39", "17", "Unicode-3.0", "https://www.unicode.org/license.txt",
                _filled("unicode", "Unicode, Inc.")),
    ]  # fmt: skip


def _filled(name: str, holder: str) -> str:
    return (_TEXTS / f"{name}.txt").read_text("utf-8").format(holder=holder).strip()


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).casefold()
