"""The emoji that the user has chosen lately: a setting of the profile."""

import msgspec

from messenger.sdk.profiles import Preferences

_MAX_KEPT = 40  # five rows of the picker


def with_recent(preferences: Preferences, emoji: str) -> Preferences:
    """Return the preferences after the user has chosen an emoji: it is the first one now."""
    others = (one for one in preferences.recent_emoji if one != emoji)
    return msgspec.structs.replace(preferences, recent_emoji=(emoji, *others)[:_MAX_KEPT])
