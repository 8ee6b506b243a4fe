"""The content of a profile's file."""

from typing import Literal

import msgspec

from messenger.sdk.password_store import PasswordLocation
from messenger.sdk.server_identity import Encryption

LockedBy = Literal["keyring", "passphrase", "file"]
"""The key of the local databases: in the system's keyring, from a passphrase, in a file beside."""


class Preferences(msgspec.Struct):
    """The user's settings.

    `bell` is a sound, `notes` are desktop notifications: about all messages or only mentions and
    direct messages (`notify_about`), with the text, only the name, or nothing (`notes_show`).
    `text_size` is in percent; `send_key` sends a text. The last ones are those of windows:
    `window_size` is what the window had at its end, as it writes it; `recent_emoji` are those that
    the user has chosen lately, the latest first.
    """

    theme: Literal["auto", "dark", "light"] = "auto"
    bell: bool = True
    notes: bool = True
    notify_about: Literal["all", "mentions"] = "all"
    notes_show: Literal["text", "name", "nothing"] = "text"
    language: Literal["auto", "en", "ru"] = "auto"
    text_size: int = 100
    send_key: Literal["enter", "ctrl+enter"] = "enter"
    close_to_tray: bool = True
    window_size: str = ""
    recent_emoji: tuple[str, ...] = ()


class Relocking(msgspec.Struct):
    """A change of the databases' key in progress: each opens with the old key or the new one.

    `to` and `salt` are the new `locked_by` and `salt` of the record. Each key is wrapped by the
    other, so that a user who has either of them can open all databases.
    """

    to: LockedBy
    salt: str
    new_by_old: str
    old_by_new: str


class Record(msgspec.Struct, kw_only=True):
    """The content of a profile's file; `password` says where the password is saved, if it is.

    `name` is the profile's name, which its directory may not show. `salt` (hexadecimal) goes with a
    passphrase; `spare` is the databases' key, encrypted for the recovery code. `relocking` exists
    during a change of the key, or after an interrupted one. `confirmed` says that the server has
    accepted a login once, so that the name is no mistake; `registered` that it was an account.
    With `ask_password` no login is saved when the program ends.
    """

    name: str = ""
    address: str
    port: int
    account: str
    confirmed: bool = True
    registered: bool = False
    encryption: Encryption = "auto"
    password: PasswordLocation | None = None
    ask_password: bool = False
    locked_by: LockedBy = "file"
    salt: str = ""
    spare: str = ""
    relocking: Relocking | None = None
    preferences: Preferences = msgspec.field(default_factory=Preferences)
