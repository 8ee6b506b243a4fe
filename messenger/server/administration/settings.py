"""Changes of settings by administrators: checked, written to the file, and taken over."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection

from messenger.jim.admin.settings import Effect, SettingValue
from messenger.jim.errors import Conflict, ServerError
from messenger.server.actors import Actor
from messenger.server.database_check import check
from messenger.server.errors import CannotStart
from messenger.server.services import Services
from messenger.server.settings import certificate
from messenger.server.settings.certificate import CertificateState
from messenger.server.settings.editor import Change, Prepared, SettingsEditor
from messenger.server.settings.remote_changes import check_changes, check_url, place_of
from messenger.server.settings.secrets import HIDDEN, restore
from messenger.server.settings.start_check import check_layers
from messenger.server.side_work import refusal_of
from messenger.server.store import audit as audit_store
from messenger.server.store.findings import Finding

_CHANGING = 20.0  # seconds: a new certificate or address is tried, on a busy machine
_CHECKING = 25.0  # PostgreSQL takes 5 s for each host; an answer is expected after 30


class Changed(NamedTuple):
    """What was changed, when each change counts, and what the running server has refused."""

    changes: list[Change]
    effects: dict[str, Effect]
    problem: str


async def change(
    services: Services, actor: Actor, changes: Mapping[str, SettingValue], language: str
) -> Changed:
    """Save new values, all or none, and have the server take over what it can.

    Raises Forbidden for what only the operator may change, BadRequest for what a start would
    refuse, and Conflict if the file cannot be written.
    """
    reloader = services.reloader
    port = reloader.state.port if reloader is not None else None
    refuse = None if actor.is_operator else check_changes
    prepared = await services.side_work.run(
        "change of settings",
        partial(_prepare, services.editor, changes, port, refuse),
        seconds=_CHANGING,
        language=language,
    )
    if prepared.changes:
        target = ", ".join(_names(prepared.changes))
        try:
            await services.audit.act(actor, "admin_set", target, _save, prepared)
        except CannotStart as error:
            raise refusal_of(error) from error
        except ServerError:
            # The file was written before the transaction failed: no row, so no change.
            await services.side_work.run(
                "change of settings that failed",
                prepared.undo,
                seconds=_CHANGING,
                language=language,
            )
            raise
    if reloader is None:
        return Changed(prepared.changes, dict.fromkeys(_names(prepared.changes), "start"), "")
    at_once = {one.name for one in prepared.changes if one.at_once and not one.overridden_by}
    problem = reloader.reload() if at_once else ""
    effects: dict[str, Effect] = {
        name: "now" if name in at_once and not problem else "restart"
        for name in _names(prepared.changes)
    }
    return Changed(prepared.changes, effects, problem)


async def check_database(
    services: Services, actor: Actor, url: str, language: str
) -> list[Finding]:
    """Check the database at a URL, or the settings and theirs; raises Forbidden."""
    if url and not actor.is_operator:
        check_url(url, _known_url(services.editor))
        # First: the answer tells what listens at any address that the server reaches.
        await services.audit.act(actor, "admin_test_db", place_of(url), _note_try)
    return await services.side_work.run(
        "check of a database",
        partial(_check, services.editor, url, services.reloader is None),
        seconds=_CHECKING,
        language=language,
    )


async def renew_certificate(services: Services, actor: Actor) -> CertificateState:
    """Replace the server's own certificate, with the same key, and use it for new connections.

    Raises Conflict if the settings name another certificate, or it cannot be written.
    """
    settings = services.settings

    def renew(_connection: Connection) -> audit_store.Change[CertificateState]:
        before = certificate.current(settings)
        made = certificate.make(settings)
        old = {"not_after": before.not_after} if before is not None else None
        return audit_store.Change(old, {"not_after": made.not_after}, made)

    try:
        made = await services.audit.act(actor, "admin_renew", "certificate", renew)
    except CannotStart as error:
        raise Conflict(str(error)) from error
    if services.reloader is not None:
        services.reloader.reload()
    return made


def _names(changes: list[Change]) -> list[str]:
    return [one.name for one in changes]


def _prepare(
    editor: SettingsEditor,
    changes: Mapping[str, SettingValue],
    port: int | None,
    refuse: Callable[[Mapping[str, SettingValue], str], None] | None,
) -> Prepared:
    if refuse is not None:
        refuse(changes, _known_url(editor))
    return editor.prepare(changes, port)


def _save(_connection: Connection, prepared: Prepared) -> audit_store.Change[None]:
    # In the transaction of its row: there is no row without a change, and a change without one only
    # if the process is killed before the commit.
    prepared.save()
    before = {one.name: one.before for one in prepared.changes}
    after = {one.name: one.after for one in prepared.changes}
    return audit_store.Change(before, after, None)


def _note_try(_connection: Connection) -> audit_store.Change[None]:
    return audit_store.Change(None, {"tried": True}, None)


def _check(editor: SettingsEditor, url: str, port_is_free: bool) -> list[Finding]:
    if not url:
        return check_layers(editor.layers, port_is_free=port_is_free)
    if HIDDEN in url:
        url = restore(url, _known_url(editor))
    return check(url, editor.layers().settings().reading_threads)


def _known_url(editor: SettingsEditor) -> str:
    try:
        return editor.layers().settings().database
    except CannotStart:  # nothing is known, then
        return ""
