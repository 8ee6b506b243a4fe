"""Administration on the wire: requests for administrators, one module per topic."""

from messenger.jim.admin.accounts import (
    AddAccount,
    BlockAccount,
    DemoteAccount,
    EndLogins,
    ListAccounts,
    PromoteAccount,
    RemoveAccount,
    ResetPassword,
    ShowAccount,
    UnblockAccount,
)
from messenger.jim.admin.audit import ReadAudit
from messenger.jim.admin.backups import ListBackups, MakeBackup
from messenger.jim.admin.claim import Claim
from messenger.jim.admin.doctor import Examine
from messenger.jim.admin.invitations import ListInvitations, MakeInvitation, RevokeInvitation
from messenger.jim.admin.log import ReadLog
from messenger.jim.admin.notice import SendNotice
from messenger.jim.admin.reports import ListReports, SettleReport, ShowReport
from messenger.jim.admin.restart import RestartServer, RestoreBackup
from messenger.jim.admin.rooms import CloseAnyRoom, ListAllRooms, ShowRoom
from messenger.jim.admin.sessions import EndSession, ListAllLogins, ListSessions
from messenger.jim.admin.settings import (
    ChangeSettings,
    CheckDatabase,
    ReadCertificate,
    ReadSettings,
    RenewCertificate,
)
from messenger.jim.admin.stats import ReadStats
from messenger.jim.admin.window import OpenWindow

AdminRequest = (
    ListAccounts | ShowAccount | AddAccount | BlockAccount | UnblockAccount | RemoveAccount
    | PromoteAccount | DemoteAccount | ResetPassword | EndLogins
    | ListSessions | EndSession | ListAllLogins
    | ListAllRooms | ShowRoom | CloseAnyRoom
    | ListInvitations | MakeInvitation | RevokeInvitation
    | ReadSettings | ChangeSettings | CheckDatabase | ReadCertificate | RenewCertificate
    | ListReports | ShowReport | SettleReport
    | ReadLog | Examine | MakeBackup | ListBackups
    | ReadAudit | ReadStats | SendNotice
    | RestartServer | RestoreBackup
    | Claim | OpenWindow
)  # fmt: skip
"""The requests of administration; all but the last two require the role of an administrator."""

__all__ = ["AdminRequest"]
