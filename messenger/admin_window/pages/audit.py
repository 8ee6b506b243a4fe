"""The page of the audit log: what administrators have done, and what that has changed."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from messenger.admin_window.panel import Panel
from messenger.admin_window.requests import Requests
from messenger.admin_window.table.all_rows import Parts
from messenger.admin_window.table.asking import feed
from messenger.admin_window.table.columns import NUMBER, TIME, Column, Query
from messenger.admin_window.table.feed_model import FeedModel, Part
from messenger.admin_window.table.saving import SaveBar
from messenger.admin_window.table.table_page import Choice, TablePage, Tools
from messenger.language import N_, _
from messenger.sdk.administration import Administration
from messenger.sdk.administration.results import AuditEntry
from messenger.ui.audit_words import ACTS, act_name, actor_name, change_facts, origin_name
from messenger.ui.quantities import date_and_time

_CHOICES = (
    Choice(N_("All acts"), {}),
    *(Choice(words, {"action": tag}) for tag, words in ACTS.items()),
)


class AuditPage(TablePage[AuditEntry]):
    """What was done, the latest first: nobody can change it."""

    def __init__(self, requests: Requests) -> None:
        super().__init__(
            "audit",
            _("Audit"),
            FeedModel(_columns(), feed(requests, _fetch), lambda row: row.id),
            Query(),
            Tools(_("Whom or what it concerned"), _CHOICES),
        )
        self.saving = SaveBar(self, requests, partial(Parts, _fetch), _more_columns())
        self.panel: Panel[AuditEntry, AuditEntry] = Panel(
            requests, lambda _server, row: row, self._fill_panel
        )
        self.set_panel(self.panel)
        self.panel.follow(self.table)

    def keys_of(self, words: str) -> dict[str, object]:
        """Return the keys for what is searched."""
        return {"target": words}

    def summarize(self, _total: int) -> str:
        """Return what the list is."""
        return _("What administrators have done; nobody can change this list")

    def _fill_panel(
        self, panel: Panel[AuditEntry, AuditEntry], row: AuditEntry, _found: AuditEntry | None
    ) -> None:
        panel.set_head(act_name(row.action), row.target, sign="shield-check")
        panel.add_facts(
            [
                (_("Time"), date_and_time(row.time)),
                (_("By"), actor_name(row.actor)),
                (_("Where from"), origin_name(row.origin)),
                (_("Concerned"), row.target or "–"),
            ]
        )
        for words, values in ((_("Before"), row.before), (_("After"), row.after)):
            if values:
                panel.add_section(words)
                panel.add_facts(change_facts(values))


def _fetch(server: Administration, /, **keys: Any) -> Part[AuditEntry]:
    found = server.audit(**keys)
    return Part(found.entries, found.next)


def _columns() -> list[Column[AuditEntry]]:
    return [
        Column(_("Time"), lambda row: row.time, width=160, kind=TIME),
        Column(_("By"), lambda row: actor_name(row.actor), width=130, is_strong=True),
        Column(_("Act"), lambda row: act_name(row.action), width=250),
        Column(_("Concerned"), lambda row: row.target, width=160, stretches=True),
        Column(
            _("Where from"),
            lambda row: origin_name(row.origin),
            width=150,
            tone=lambda _row: "soft",
        ),
    ]


def _more_columns() -> list[Column[AuditEntry]]:
    """Return what a file has besides: what the panel shows, for programs."""
    return [
        Column(_("Before"), lambda row: _json(row.before)),
        Column(_("After"), lambda row: _json(row.after)),
        Column(_("Number"), lambda row: row.id, kind=NUMBER),
    ]


def _json(values: Mapping[str, object] | None) -> str:
    return "" if values is None else json.dumps(values, ensure_ascii=False)
