"""Changes of settings by administrators: checked, written to the file, and taken over."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from messenger.jim.admin.settings import Effect, SettingValue
from messenger.jim.errors import BadRequest, Conflict, ServerError
from messenger.server import tls, unfinished_change
from messenger.server.actors import Actor
from messenger.server.config import Settings
from messenger.server.database_check import check
from messenger.server.errors import CannotStart
from messenger.server.services import Services
from messenger.server.settings import certificate
from messenger.server.settings.certificate import CertificateState
from messenger.server.settings.editor import Change, Prepared, SettingsEditor
from messenger.server.settings.remote_changes import check_changes, check_url, place_of
from messenger.server.settings.secrets import HIDDEN, restore
from messenger.server.settings.start_check import check_layers
from messenger.server.settings.toml_file import cannot_save
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
        changed = prepared.changes
        replacement = _Replacement(
            file=prepared.file.path,
            content=prepared.file.encoded(prepared.text),
            before={one.name: one.before for one in changed},
            after={one.name: one.after for one in changed},
            write=prepared.save,
            undo=prepared.undo,
        )
        target = ", ".join(_names(changed))
        try:
            await _replace(services, actor, "admin_set", target, replacement, language)
        except CannotStart as error:
            raise refusal_of(error) from error
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


async def renew_certificate(services: Services, actor: Actor, language: str) -> CertificateState:
    """Replace the server's own certificate, with the same key, and use it for new connections.

    Raises Conflict if the settings name another certificate, or it cannot be written.
    """
    try:
        made, replacement = await services.side_work.run(
            "change of settings",
            partial(_renewal, services.settings),
            seconds=_CHANGING,
            language=language,
        )
        await _replace(services, actor, "admin_renew", "certificate", replacement, language)
    except (BadRequest, CannotStart) as error:
        raise Conflict(str(error)) from error
    if services.reloader is not None:
        services.reloader.reload()
    return made


def _renewal(settings: Settings) -> tuple[CertificateState, "_Replacement"]:
    before = certificate.current(settings)
    made = certificate.renewed(settings)
    file, _key = tls.paths(settings)
    after = certificate.describe(made, str(file), is_own=True)
    replacement = _Replacement(
        file=file,
        content=made,
        before={"not_after": before.not_after} if before is not None else None,
        after={"not_after": after.not_after},
        write=partial(certificate.save, settings, made),
        undo=partial(certificate.save, settings, file.read_bytes()),
    )
    return after, replacement


class _Replacement(NamedTuple):
    """A file that gets another content, what the audit log says of it, and how it is done.

    `undo` writes what was in it, if it was written. Both raise CannotStart.
    """

    file: Path
    content: bytes
    before: audit_store.State | None
    after: audit_store.State
    write: Callable[[], None]
    undo: Callable[[], None]


async def _replace(
    services: Services,
    actor: Actor,
    action: str,
    target: str,
    replacement: _Replacement,
    language: str,
) -> None:
    """Write the file in the transaction of its row: both are there afterwards, or neither.

    A note tells the next start of what a kill has interrupted. Raises CannotStart.
    """
    data = services.settings.data
    file, content, before, after, write, undo = replacement

    def change(_connection: Connection) -> audit_store.Change[None]:
        try:
            unfinished_change.note(data, actor, action, target, file, content, before, after)
        except OSError as error:
            raise cannot_save(data, error) from error
        write()
        return audit_store.Change(before, after, None)

    try:
        await services.audit.act(actor, action, target, change)
    except CannotStart:
        unfinished_change.forget(data, content)
        raise
    except ServerError:
        # The file was written before the transaction failed: no row, so no change.
        await services.side_work.run(
            "change of settings that failed", undo, seconds=_CHANGING, language=language
        )
        unfinished_change.forget(data, content)
        raise
    unfinished_change.forget(data, content)


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
