"""The parts of a server that handlers use; the program creates and wires them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from messenger.server.audit import Audit
from messenger.server.backup.backups import Backups
from messenger.server.config import Settings
from messenger.server.conversations import Conversations
from messenger.server.delivery import Delivery
from messenger.server.device_lists import DeviceLists
from messenger.server.ending import Ending
from messenger.server.event_sender import EventSender
from messenger.server.examinations import Examinations
from messenger.server.journal import Journal
from messenger.server.limits import Limits
from messenger.server.login_attempts import LoginAttempts
from messenger.server.notices import Notices
from messenger.server.one_time_codes import OneTimeCode
from messenger.server.passwords import Passwords
from messenger.server.presence import Online
from messenger.server.rates import Rates
from messenger.server.read_pool import ReadPool
from messenger.server.receipts import Receipts
from messenger.server.records import Conversation, Session
from messenger.server.reloading import Reloader
from messenger.server.room_ownership import RoomOwnership
from messenger.server.sessions import Sessions
from messenger.server.settings.editor import SettingsEditor
from messenger.server.side_work import SideWork
from messenger.server.statistics.statistics import Statistics


@dataclass(slots=True, kw_only=True)
class Services:
    """The parts of a server by name; it is a list of them, and does nothing itself.

    `secret` is the server's own, `log_id` that of its log, and `everyone` the common chat, once it
    is open. `block_names` are the names with blocks, of theirs or of others: no other login looks
    for any. Whoever has the `claim_code` becomes the first administrator; the `window_token` is
    that of the window beside the server, whose session `make_operator` makes an operator's. The
    `reloader` changes settings while the server runs, and `ending` is how that ends; without a
    listener there are none.
    """

    settings: Settings
    journal: Journal
    read_pool: ReadPool
    online: Online
    sessions: Sessions
    conversations: Conversations
    delivery: Delivery
    events: EventSender
    receipts: Receipts
    device_lists: DeviceLists
    room_ownership: RoomOwnership
    passwords: Passwords
    login_attempts: LoginAttempts
    rates: Rates
    audit: Audit
    claim_code: OneTimeCode
    window_token: OneTimeCode
    notices: Notices
    statistics: Statistics
    backups: Backups
    side_work: SideWork
    examinations: Examinations
    editor: SettingsEditor = field(init=False)
    make_operator: Callable[[Session], None] = field(init=False)
    reloader: Reloader | None = None
    ending: Ending | None = None
    secret: bytes = field(init=False)
    log_id: str = ""
    everyone: Conversation = field(init=False)
    block_names: set[str] = field(default_factory=set)

    @property
    def limits(self) -> Limits:
        """The limits on what one client may ask of the server."""
        return self.settings.limits
