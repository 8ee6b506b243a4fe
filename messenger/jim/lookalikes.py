"""Names that look alike: their skeletons, as Unicode's UTS #39 defines them."""

import unicodedata
from functools import cache
from importlib import resources

# The module `unicodedata` does not have this property.
_IGNORABLE = (
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5),
    (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164),
    (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
"""Unicode's Default_Ignorable_Code_Point: characters that are drawn as nothing."""
_BLANK = frozenset("\u2800\ufffc\U00016fe4\U0001d159")
"""Characters that most fonts draw as blank, though Unicode counts them as visible."""


def is_invisible(character: str) -> bool:
    """Tell whether the character is drawn as nothing, or as blank."""
    code = ord(character)
    return character in _BLANK or any(first <= code <= last for first, last in _IGNORABLE)


def looks(name: str) -> frozenset[str]:
    """Return the skeletons of a name, as written and with case ignored.

    Two names that have one in common look the same, at least in another case.
    """
    written = unicodedata.normalize("NFKC", name)
    skeleton = _skeleton(written)
    # Case before and after: `I` looks like `l`, but its lower case, `i`, does not.
    return frozenset({skeleton, _skeleton(written.casefold()), _skeleton(skeleton.casefold())})


def _skeleton(text: str) -> str:
    # The steps of UTS #39 (4, `internalSkeleton`): NFD, nothing ignorable, prototypes, NFD again.
    alike = _confusables()
    visible = (one for one in unicodedata.normalize("NFD", text) if not is_invisible(one))
    text = "".join(alike.get(one, one) for one in visible)
    return unicodedata.normalize("NFD", " ".join(text.split()))


@cache
def _confusables() -> dict[str, str]:
    text = (resources.files(__package__) / "confusables.txt").read_text("utf-8")
    lines = (
        line.split("\t") for line in text.split("\n") if "\t" in line and not line.startswith("# ")
    )
    return {character: target for target, found in lines for character in found}
