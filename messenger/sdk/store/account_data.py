"""Account data in the local database: what the account's devices share about conversations."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from sqlalchemy import Connection

from messenger.sdk.store.trust_records import MAX_NUMBER

FIELDS = ("draft", "pinned", "muted_until")
"""The shared columns of a conversation."""

_Value = TypeVar("_Value")


class Register(msgspec.Struct, Generic[_Value], frozen=True):
    """A value, and its Lamport timestamp: it was set after all smaller ones that `device` knew."""

    value: _Value
    number: Annotated[int, msgspec.Meta(ge=0, le=MAX_NUMBER)] = 0
    device: Annotated[str, msgspec.Meta(max_length=1000)] = ""

    @property
    def order(self) -> tuple[int, str, bytes]:
        """Of two registers the one with the greater `order` counts, on all devices.

        With the value: a new secret gives the same number to different values of one device.
        """
        return self.number, self.device, msgspec.json.encode(self.value)


class AccountData(msgspec.Struct, frozen=True):
    """A conversation's draft, its pin, and the end of its muting, as its account's devices know it.

    It is shared as JSON of this form. `muted_until` is unix time, below 0 if it is for good.
    """

    conversation: str
    draft: Register[str] = Register("")
    pinned: Register[bool] = Register(False)
    muted_until: Register[float] = Register(0.0)


def merged(one: AccountData, other: AccountData) -> AccountData:
    """Return the later value of each field, whichever of the two was known first."""
    latest = {
        field: max(getattr(one, field), getattr(other, field), key=lambda found: found.order)
        for field in FIELDS
    }
    return AccountData(one.conversation, **latest)


class AccountDataStore:
    """Queries and changes of account data.

    The columns of `conversations` have what the user has set on this device, `account_data` what
    has been shared: the difference is yet to be shared.
    """

    transaction: Callable[[], AbstractContextManager[Connection]]
    ask: Callable[..., list[Any]]

    def account_data(self, conversation: str) -> AccountData:
        """Return what has been shared about a conversation."""
        query = "SELECT shared FROM account_data WHERE conversation = ?"
        rows = self.ask(query, conversation)
        return _decode(rows[0][0]) if rows else AccountData(conversation)

    def set_by_user(self, conversation: str) -> dict[str, Any]:
        """Return what the user has set on this device, by FIELDS."""
        query = f"SELECT {', '.join(FIELDS)} FROM conversations WHERE name = ?"
        rows = self.ask(query, conversation)
        draft, pinned, muted_until = rows[0] if rows else ("", False, 0.0)
        return {"draft": draft, "pinned": bool(pinned), "muted_until": muted_until}

    def with_account_data(self) -> list[str]:
        """Return the conversations about which something has been shared."""
        return [row[0] for row in self.ask("SELECT conversation FROM account_data")]

    def with_settings(self) -> list[str]:
        """Return the conversations about which the user has set something on this device."""
        query = "SELECT name FROM conversations WHERE draft != '' OR pinned OR muted_until != 0"
        return [row[0] for row in self.ask(query)]

    def keep_account_data(self, data: AccountData) -> None:
        """Store what has been shared about a conversation."""
        row = data.conversation, msgspec.json.encode(data).decode()
        with self.transaction() as connection:
            connection.exec_driver_sql("INSERT OR REPLACE INTO account_data VALUES (?, ?)", row)

    def renumber_account_data(self, number: int) -> None:
        """Give all values the same number: a new secret restarts the numbers."""
        with self.transaction():
            for conversation in self.with_account_data():
                data = self.account_data(conversation)
                registers = {
                    field: msgspec.structs.replace(getattr(data, field), number=number)
                    for field in FIELDS
                    if getattr(data, field).device
                }
                self.keep_account_data(msgspec.structs.replace(data, **registers))


_decode = msgspec.json.Decoder(AccountData).decode
