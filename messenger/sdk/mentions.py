"""Whether a text mentions the user: `@name` at a word's boundary, in any case."""

import unicodedata

from messenger.jim.names import same_key


def is_mentioned(name: str, text: str) -> bool:
    """Tell whether a text mentions the account of that name.

    Names may have spaces, so somebody whose name begins with another one and a space mentions that
    other one, too.
    """
    # Nearly every text has none: U+FF20 is what NFKC makes an @ of, U+FE6B its small form.
    if not any(sign in text for sign in "@\uff20\ufe6b"):
        return False
    folded, mention = same_key(text), f"@{same_key(name)}"
    start = folded.find(mention)
    while start >= 0:
        end = start + len(mention)
        # `ann@example.org` is an address, and `@anna` somebody else.
        is_address = _is_of_word(folded[start - 1 : start])
        if not is_address and not (_is_of_word(mention[-1]) and _is_of_word(folded[end : end + 1])):
            return True
        start = folded.find(mention, start + 1)
    return False


def _is_of_word(character: str) -> bool:
    # Marks belong to the letters before them: `\w` does not have those of Devanagari, for example.
    return bool(character) and (
        character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M"
    )
