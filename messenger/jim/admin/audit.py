"""The audit log: what administrators have done."""

from msgspec import Struct, field

from messenger.jim.admin.paging import Backward
from messenger.jim.base import Reply
from messenger.jim.fields import Name, Number


class AuditEntry(Struct, omit_defaults=True):
    """A row: who has done what, when (unix time) and from where, and what it has changed."""

    id: Number
    time: float
    actor: str
    origin: str
    action: str
    target: str
    before: dict[str, object] | None = None
    after: dict[str, object] | None = None


class AuditPage(Reply):
    """The reply to `admin_audit`, the latest first; `next` is the `before` of the next page."""

    entries: list[AuditEntry] = field(default_factory=list)
    next: Number | None = None


class ReadAudit(Backward[AuditPage], tag="admin_audit", kw_only=True):
    """Read the audit log: all of it, or what one has done, or what was done to one."""

    answer = AuditPage
    actor: Name = ""
    target: Name = ""
    action_name: Name = ""
