"""What dialogs let the user choose from: conversations, messages, preferences.

A finder returns (id, line) for what is typed so far; it is called off the event loop.
"""

from collections.abc import Callable, Iterable

from messenger.console.lines import message_line, trust_mark, visible
from messenger.console.preferences import CHOICES, value_of
from messenger.language import _
from messenger.sdk.profiles import Preferences
from messenger.sdk.store import Store, Trust

Finder = Callable[[str], list[tuple[str, str]]]

_MOST_FOUND = 50


def conversations(names: Callable[[], Iterable[str]], store: Store) -> Finder:
    """Find conversations and contacts by a part of their name; the id is the name."""

    def find(words: str) -> list[tuple[str, str]]:
        trusts = store.trusts()
        known = dict.fromkeys([*names(), *store.contacts()])
        return [
            (name, visible(name) + trust_mark(trusts.get(name, Trust.UNKNOWN)))
            for name in known
            if words.casefold() in name.casefold()
        ]

    return find


def messages(store: Store, conversation: str | None, me: str) -> Finder:
    """Find messages, here or everywhere; the id is the message's and its conversation."""

    def find(words: str) -> list[tuple[str, str]]:
        if not words.strip():
            return []
        found = store.search(words, conversation=conversation, limit=_MOST_FOUND)
        trusts = store.trusts()
        return [
            (
                f"{one.id} {one.conversation}",
                message_line(one, me, trusts.get(one.sender, Trust.UNKNOWN)),
            )
            for one in found
        ]

    return find


def preferences(current: Preferences) -> Finder:
    """Find what can be chosen; the id is a name and a value."""

    def find(words: str) -> list[tuple[str, str]]:
        return [
            (f"{choice.name} {value}", f"{mark} {choice.name} {value} - {_(choice.summary)}")
            for choice in CHOICES.values()
            for value in choice.values
            for mark in ("●" if value == value_of(current, choice.name) else "○",)
            if words.casefold() in f"{choice.name} {value}"
        ]

    return find
