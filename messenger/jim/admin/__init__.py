"""Administration on the wire: requests for administrators, one module per topic."""

from messenger.jim.admin.accounts import (
    AddAccount,
    BlockAccount,
    DemoteAccount,
    EndLogins,
    ListAccounts,
    PromoteAccount,
    RemoveAccount,
    ShowAccount,
    UnblockAccount,
)
from messenger.jim.admin.claim import Claim

AdminRequest = (
    ListAccounts | ShowAccount | AddAccount | BlockAccount | UnblockAccount | RemoveAccount
    | PromoteAccount | DemoteAccount | EndLogins
    | Claim
)  # fmt: skip
"""The requests of administration; all but `Claim` require the role of an administrator."""

__all__ = ["AdminRequest"]
