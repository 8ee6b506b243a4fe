"""All emoji: their groups, names and aliases, and the search for them in each language."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import emoji as names_of_emoji

from messenger.language import N_, own_language
from messenger.sdk.store.fulltext import fold
from messenger.ui.completion import Candidate, Kind

_FILE = Path(__file__).with_name("emoji.txt")
_LANGUAGES = ("en", "ru")
_MAX_FOUND = 80
_MAX_COMPLETIONS = 24


class Emoji(NamedTuple):
    """An emoji, its name in the user's language, and `:name:` as people type it.

    `names` are all of it, and `words` those that it is found by, also of its names, with a space
    around each. Both are folded as the search folds texts.
    """

    character: str
    name: str
    alias: str
    names: tuple[str, ...]
    words: str

    @property
    def note(self) -> str:
        """The name, if `:name:` does not say it already."""
        return "" if fold(self.name).replace(" ", "_") == self.alias else self.name


class Group(NamedTuple):
    """A group of the picker; the title is untranslated, the icon one of the family."""

    key: str
    title: str
    icon: str


GROUPS = (
    Group("smileys-emotion", N_("Smileys and emotions"), "smiley"),
    Group("people-body", N_("People and gestures"), "hand-waving"),
    Group("animals-nature", N_("Animals and nature"), "paw-print"),
    Group("food-drink", N_("Food and drink"), "coffee"),
    Group("travel-places", N_("Travel and places"), "car"),
    Group("activities", N_("Activities"), "soccer-ball"),
    Group("objects", N_("Objects"), "lightbulb"),
    Group("symbols", N_("Symbols"), "heart"),
    Group("flags", N_("Flags"), "flag"),
)


class Catalogue:
    """The emoji, in Unicode's order. Takes some 0.1 s to make: not at the start."""

    def __init__(self) -> None:
        for language in _LANGUAGES:
            names_of_emoji.config.load_language(language)
        self.groups: dict[str, list[Emoji]] = {}
        own = own_language().partition("-")[0]
        for group, character, words in _lines(_FILE.read_text("utf-8").splitlines()):
            found = _emoji(character, words, own if own in _LANGUAGES else "en")
            self.groups.setdefault(group, []).append(found)
        self._all = {one.character: one for group in self.groups.values() for one in group}

    def of(self, characters: Iterable[str]) -> list[Emoji]:
        """Return the emoji of these characters, without those that are not known."""
        return [self._all[one] for one in characters if one in self._all]

    def search(self, words: str, most: int = _MAX_FOUND) -> list[Emoji]:
        """Return emoji that have all these words or their beginnings, the likeliest first."""
        wanted = fold(words).strip(": ").replace("_", " ")
        if not wanted:
            return []
        ranked = [(rank, one) for one in self._all.values() if (rank := _rank(one, wanted)) >= 0]
        # Stable: emoji of one rank keep Unicode's order.
        ranked.sort(key=lambda found: found[0])
        return [one for _rank, one in ranked[:most]]

    def named(self, alias: str) -> str:
        """Return the emoji of a whole `:name:`; empty if there is none."""
        wanted = fold(alias).strip(":").replace("_", " ")
        return next((one.character for one in self._all.values() if wanted in one.names), "")

    def complete(self, part: str) -> list[Candidate]:
        """Return completions of a part of a name."""
        return [
            Candidate(Kind.EMOJI, one.character, f":{one.alias}:", one.note)
            for one in self.search(part, _MAX_COMPLETIONS)
        ]


@cache
def catalogue() -> Catalogue:
    """Return the emoji of this process."""
    return Catalogue()


def _lines(lines: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the group of each emoji, the emoji, and its words."""
    group = ""
    for line in lines:
        if line.startswith("== "):
            group = line[3:]
        elif line and not line.startswith("# "):
            character, _tab, words = line.partition("\t")
            yield group, character, words


def _emoji(character: str, words: str, own: str) -> Emoji:
    known = names_of_emoji.EMOJI_DATA[character]
    aliases = [known["en"], *known.get("alias", ())]
    texts = [
        text.strip(":") for text in (known[own], *aliases, *map(known.__getitem__, _LANGUAGES))
    ]
    # The shortest one is what people know: `joy` of `face_with_tears_of_joy`.
    alias = texts[0] if own != "en" else min((text.strip(":") for text in aliases), key=len)
    names = tuple(dict.fromkeys(fold(text).replace("_", " ") for text in texts))
    found = " ".join(dict.fromkeys(" ".join((*names, fold(words))).split()))
    return Emoji(character, texts[0].replace("_", " "), fold(alias), names, f" {found} ")


def _rank(one: Emoji, wanted: str) -> int:
    """Return how well an emoji fits, 0 best; -1 if it does not."""
    parts = wanted.split()
    # First, as it decides for nearly all: each part begins a word.
    if not all(f" {part}" in one.words for part in parts):
        return -1
    if wanted in one.names:
        return 0
    in_names = [word for name in one.names for word in name.split()]
    if all(part in in_names for part in parts):
        return 1
    if all(f" {part} " in one.words for part in parts):
        return 2
    if any(name.startswith(wanted) for name in one.names):
        return 3
    return 4 if all(any(word.startswith(part) for word in in_names) for part in parts) else 5
