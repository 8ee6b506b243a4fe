"""Writes messenger/jim/confusables.txt, the table of lookalike characters (Unicode's UTS #39).

    pip install confusable-homoglyphs
    python tools/confusables.py

That package has Unicode's confusables.txt as pairs. Characters that no normalised name contains are
left out.
"""

import json
import unicodedata
from collections import defaultdict
from importlib import metadata, resources
from pathlib import Path

FILE = Path(__file__).parent.parent / "messenger/jim/confusables.txt"
HEAD = """\
# Characters that look alike, from Unicode's confusables.txt (UTS #39) by way of the package
# confusable-homoglyphs {version}; made by tools/confusables.py. Each line: what to read, a tab,
# and the characters that look like it.
# Copyright (c) Unicode, Inc. Unicode License v3, https://www.unicode.org/license.txt
"""
PACKAGE = "confusable_homoglyphs"


def main() -> None:
    """Write the file."""
    text = (resources.files(PACKAGE) / "confusables.json").read_text("utf-8")
    pairs = {
        _bare(one): [_bare(other["c"]) for other in others]
        for one, others in json.loads(text).items()
    }
    alike: dict[str, set[str]] = defaultdict(set)
    for character, others in pairs.items():
        target = _target(character, others, pairs)
        if target is not None and _survives_normalisation(character):
            alike[target].add(character)
    lines = [f"{target}\t{''.join(sorted(found))}\n" for target, found in sorted(alike.items())]
    head = HEAD.format(version=metadata.version(PACKAGE))
    FILE.write_text(head + "".join(lines), "utf-8")


def _target(character: str, others: list[str], pairs: dict[str, list[str]]) -> str | None:
    """Return the character's target in Unicode's table; None if it is itself a target."""
    if len(character) != 1 or len(others) != 1:
        return None
    (other,) = others
    # The direction of a pair that has only each other cannot be told: either may be the target.
    leads = len(other) > 1 or len(pairs.get(other, [])) > 1 or other < character
    return other if leads else None


def _bare(text: str) -> str:
    return text.replace("\u200e", "")


def _survives_normalisation(character: str) -> bool:
    return all(unicodedata.normalize(form, character) == character for form in ("NFKC", "NFD"))


if __name__ == "__main__":
    main()
