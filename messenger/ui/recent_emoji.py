"""The emoji that the user has chosen lately: a setting of the profile."""

from collections.abc import Iterable

import msgspec

from messenger.sdk.profiles import Preferences

_MAX_KEPT = 40  # five rows of the picker


def latest(emoji: str, recent: Iterable[str]) -> tuple[str, ...]:
    """Return the emoji chosen lately after another one was: it is the first one now."""
    return (emoji, *(one for one in recent if one != emoji))[:_MAX_KEPT]


def with_recent(preferences: Preferences, emoji: str) -> Preferences:
    """Return the preferences after the user has chosen an emoji."""
    return msgspec.structs.replace(
        preferences, recent_emoji=latest(emoji, preferences.recent_emoji)
    )
