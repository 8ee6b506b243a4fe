"""Writes messenger/desktop/writing/emoji.txt: emoji in Unicode's order and groups, with words.

    pip install emoji
    npm pack emojibase-data@17.0.0; tar -xzf emojibase-data-17.0.0.tgz
    python tools/emoji_groups.py package

The package `emoji` has the names in each language, but neither an order nor groups. Emojibase has
both, and the words of Unicode's CLDR that people look for.
"""

import json
import sys
from pathlib import Path
from typing import Any

import emoji

FILE = Path(__file__).parent.parent / "messenger/desktop/writing/emoji.txt"
NEWEST = 15.1
"""The newest version of Unicode's emoji: fonts have later ones only after years."""
HEAD = """\
# Emoji in Unicode's order and groups, with words to find them by beside their names; made by
# tools/emoji_groups.py from emojibase-data {version}. Each line: the emoji, a tab, English words, a
# tab, Russian words.
# Copyright (c) 2017-2019 Miles Johnson. MIT License. Words: Unicode CLDR, copyright (c) Unicode,
# Inc. Unicode License v3, https://www.unicode.org/license.txt
"""
LANGUAGES = ("en", "ru")


def main() -> None:
    """Write the file."""
    package = Path(sys.argv[1])
    groups = _read(package / "meta/groups.json")["groups"]
    version = _read(package / "package.json")["version"]
    for language in LANGUAGES:
        emoji.config.load_language(language)
    data = {
        language: {one["hexcode"]: one for one in _read(package / language / "data.json")}
        for language in LANGUAGES
    }
    lines, group = [HEAD.format(version=version)], None
    for one in sorted(data["en"].values(), key=lambda one: one.get("order", 0)):
        name = groups.get(str(one.get("group")))
        if name in (None, "component") or one["version"] > NEWEST:
            continue
        if name != group:
            lines.append(f"== {name}\n")
            group = name
        words = [_words(one["hexcode"], language, data[language]) for language in LANGUAGES]
        lines.append("\t".join([_character(one), *words]) + "\n")
    FILE.write_text("".join(lines), "utf-8")


def _read(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))


def _character(one: dict[str, Any]) -> str:
    """Return the emoji as Unicode recommends it: with a variation selector only if it needs one."""
    known = emoji.EMOJI_DATA.get(one["emoji"])
    return one["emoji"] if known and known["status"] == 2 else _bare(one["hexcode"])


def _bare(hexcode: str) -> str:
    return "".join(chr(int(code, 16)) for code in hexcode.split("-"))


def _words(hexcode: str, language: str, data: dict[str, Any]) -> str:
    """Return the words that the emoji's name and aliases do not have."""
    known = emoji.EMOJI_DATA[_character(data[hexcode])]
    names = [known[language], *(known.get("alias", ()) if language == "en" else ())]
    in_names = {part for name in names for part in name.strip(":").casefold().split("_")}
    return " ".join(tag for tag in data[hexcode].get("tags", ()) if tag not in in_names)


if __name__ == "__main__":
    main()
