"""What a profile's file says."""

from typing import Literal

import msgspec

from messenger.sdk.password_store import PasswordLocation
from messenger.sdk.server_identity import Encryption

LockedBy = Literal["keyring", "passphrase", "file"]
"""What opens the local databases: a key in the system's keyring, a passphrase, a file beside."""


class Preferences(msgspec.Struct):
    """How a user likes it: colours, the bell, and notes on the desktop."""

    theme: Literal["auto", "dark", "light"] = "auto"
    bell: bool = True
    notes: bool = True


class Relocking(msgspec.Struct):
    """A change of what opens the local databases that is under way: each opens by one key or other.

    `to` and `salt` are as in the record. Each of the two keys is wrapped by the other, so that
    whoever can open what there was, or what there is to be, can open all.
    """

    to: LockedBy
    salt: str
    new_by_old: str
    old_by_new: str


class Record(msgspec.Struct, kw_only=True):
    """What a profile's file says; `password` is where the password is kept, if anywhere.

    `name` is what users call the profile, where its directory does not say so. `salt` (hexadecimal)
    goes with a passphrase; `spare` is the key of what is kept, for who has the recovery code.
    `relocking` is there while that changes, or where a change was cut short.
    `confirmed` says that the server has let this user in once: the name was no mistake;
    `registered` that it was with an account. With `ask_password` no login outlives the program.
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
