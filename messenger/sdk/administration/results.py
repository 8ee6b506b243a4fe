"""What the verbs of administration return: the structures of the wire, for user interfaces."""

from messenger.jim.admin.accounts import (
    AccountDetails,
    AccountEntry,
    AccountFilter,
    AccountOrder,
    PasswordReset,
    Role,
)
from messenger.jim.admin.audit import AuditEntry
from messenger.jim.admin.backups import BackupEntry, Backups
from messenger.jim.admin.doctor import CheckLevel, DoctorCheck, Examination
from messenger.jim.admin.invitations import Invitation, InvitationEntry
from messenger.jim.admin.log import LogLevel, LogPage, LogRecord
from messenger.jim.admin.reports import ReportDetails, ReportEntry
from messenger.jim.admin.restart import Restarting
from messenger.jim.admin.rooms import RoomDetails, RoomEntry, RoomOrder
from messenger.jim.admin.sessions import LoginEntry, SessionEntry, SessionOrder
from messenger.jim.admin.settings import (
    Certificate,
    ChangedSettings,
    CheckFinding,
    Effect,
    ServerSettings,
    SettingChange,
    SettingEntry,
    SettingValue,
)
from messenger.jim.admin.stats import Range, ServerStats, StatsNow, StatsSeries
from messenger.jim.devices import OwnDevice

__all__ = [
    "AccountDetails", "AccountEntry", "AccountFilter", "AccountOrder", "AuditEntry", "BackupEntry",
    "Backups", "Certificate", "ChangedSettings", "CheckFinding", "CheckLevel", "DoctorCheck",
    "Effect", "Examination", "Invitation", "InvitationEntry", "LogLevel", "LogPage", "LogRecord",
    "LoginEntry", "OwnDevice", "PasswordReset", "Range", "ReportDetails", "ReportEntry",
    "Restarting", "Role", "RoomDetails", "RoomEntry", "RoomOrder", "ServerSettings", "ServerStats",
    "SessionEntry", "SessionOrder", "SettingChange", "SettingEntry", "SettingValue", "StatsNow",
    "StatsSeries",
]  # fmt: skip
