"""Settings and the certificate, for administrators: show, check, change, renew."""

from functools import partial
from typing import Any

import msgspec

from messenger.jim.admin.settings import (
    Certificate,
    ChangedSettings,
    ChangeSettings,
    CheckDatabase,
    CheckedDatabase,
    CheckFinding,
    ReadCertificate,
    ReadSettings,
    RenewCertificate,
    ServerSettings,
    SettingChange,
    SettingEntry,
)
from messenger.jim.errors import NotFound
from messenger.language import N_
from messenger.log import log
from messenger.server.actions import action, actor_required
from messenger.server.actors import ADMINISTRATOR, Actor
from messenger.server.administration import settings
from messenger.server.answers import localized
from messenger.server.records import Session
from messenger.server.services import Services
from messenger.server.settings import certificate
from messenger.server.settings.certificate import CertificateState
from messenger.server.settings.remote_changes import LOCAL_ONLY
from messenger.server.settings.states import SettingState

_READING = 10.0  # seconds for a small file, on a busy machine


@action(ReadSettings, role=ADMINISTRATOR)
@log
@actor_required
async def read_settings(
    services: Services, session: Session, actor: Actor, request: ReadSettings
) -> ServerSettings:
    """Show all settings, with their sources."""
    editor, reloader = services.editor, services.reloader
    running = reloader.state.values if reloader is not None else None
    states = await services.side_work.run(
        f"settings for {session.number}",
        partial(editor.states, running, session.language),
        seconds=_READING,
        language=session.language,
    )
    return ServerSettings(
        200,
        settings=[_entry(one) for one in states],
        waiting=[one.name for one in states if one.is_waiting],
        file=str(editor.path),
    )


@action(ChangeSettings, role=ADMINISTRATOR)
@log
@actor_required
async def change_settings(
    services: Services, session: Session, actor: Actor, request: ChangeSettings
) -> ChangedSettings:
    """Change settings."""
    changed = await settings.change(services, actor, request.changes, session.language)
    entries = [
        SettingChange(
            name=one.name,
            before=one.before,
            after=one.after,
            effect=changed.effects[one.name],
            overridden_by=one.overridden_by,
        )
        for one in changed.changes
    ]
    said = N_("The settings are saved") if entries else N_("The settings have these values already")
    alert = localized(session, said)
    return ChangedSettings(200, changes=entries, problem=changed.problem, alert=alert)


@action(CheckDatabase, role=ADMINISTRATOR)
@log
@actor_required
async def check_database(
    services: Services, session: Session, actor: Actor, request: CheckDatabase
) -> CheckedDatabase:
    """Check the settings, or another database."""
    found = await settings.check_database(services, actor, request.database, session.language)
    return CheckedDatabase(200, findings=[CheckFinding(*one) for one in found])


@action(ReadCertificate, role=ADMINISTRATOR)
@log
@actor_required
async def read_certificate(
    services: Services, session: Session, actor: Actor, request: ReadCertificate
) -> Certificate:
    """Show the certificate."""
    found = await services.side_work.run(
        f"certificate for {session.number}",
        partial(certificate.current, services.settings),
        seconds=_READING,
        language=session.language,
    )
    if found is None:
        raise NotFound("There is no certificate yet: the server's start makes one")
    return _certificate(found)


@action(RenewCertificate, role=ADMINISTRATOR)
@log
@actor_required
async def renew_certificate(
    services: Services, session: Session, actor: Actor, request: RenewCertificate
) -> Certificate:
    """Renew the certificate."""
    made = _certificate(await settings.renew_certificate(services, actor, session.language))
    made.alert = localized(session, "The certificate is renewed; its key is the same")
    return made


def _entry(state: SettingState) -> SettingEntry:
    values: dict[str, Any] = msgspec.structs.asdict(state)
    return SettingEntry(**values, local_only=state.name in LOCAL_ONLY)


def _certificate(state: CertificateState) -> Certificate:
    return Certificate(200, **msgspec.structs.asdict(state))
