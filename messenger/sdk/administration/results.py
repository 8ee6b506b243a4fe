"""What the verbs of administration return: the structures of the wire, for user interfaces."""

from messenger.jim.admin.accounts import AccountDetails, AccountEntry, Role
from messenger.jim.admin.audit import AuditEntry
from messenger.jim.admin.invitations import Invitation, InvitationEntry
from messenger.jim.admin.rooms import RoomDetails, RoomEntry
from messenger.jim.admin.sessions import LoginEntry, SessionEntry
from messenger.jim.admin.stats import Range, ServerStats, StatsNow, StatsSeries

__all__ = [
    "AccountDetails", "AccountEntry", "AuditEntry", "Invitation", "InvitationEntry", "LoginEntry",
    "Range", "Role", "RoomDetails", "RoomEntry", "ServerStats", "SessionEntry", "StatsNow",
    "StatsSeries",
]  # fmt: skip
