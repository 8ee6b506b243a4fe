"""The verbs of administration, over any connection that may send its requests."""

from collections.abc import Callable

from messenger.sdk.administration.accounts import AccountVerbs
from messenger.sdk.administration.backups import BackupVerbs
from messenger.sdk.administration.invitations import InvitationVerbs
from messenger.sdk.administration.machine import MachineVerbs
from messenger.sdk.administration.reports import ReportVerbs
from messenger.sdk.administration.rooms import RoomVerbs
from messenger.sdk.administration.server import ServerVerbs
from messenger.sdk.administration.sessions import SessionVerbs
from messenger.sdk.administration.settings import SettingVerbs
from messenger.sdk.administration.statistics import StatisticsVerbs
from messenger.sdk.administration.verbs import Ask


class Administration(
    AccountVerbs,
    SessionVerbs,
    RoomVerbs,
    InvitationVerbs,
    ReportVerbs,
    SettingVerbs,
    MachineVerbs,
    BackupVerbs,
    StatisticsVerbs,
    ServerVerbs,
):
    """Administers a server; each method waits for its answer, and any thread may call it.

    All raise the ProtocolError with which the server refuses, such as Forbidden without the role
    of an administrator or NotFound, and ConnectionLost. Those that return a text return the
    server's words for what was done. `Administration(client.ask)` works over a `Client`, too.
    """

    def __init__(self, ask: Ask, close: Callable[[], None] = lambda: None) -> None:
        super().__init__(ask)
        self.close = close

    def __enter__(self) -> "Administration":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
