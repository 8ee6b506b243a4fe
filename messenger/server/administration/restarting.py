"""A restart of the running server, perhaps with a backup, unless it would not come up again."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from messenger.jim.admin.settings import SettingValue
from messenger.jim.errors import BadRequest, Conflict
from messenger.server.actors import Actor
from messenger.server.backup.orders import ACTION, RestoreOrder
from messenger.server.config import Settings
from messenger.server.services import Services
from messenger.server.settings.editor import SettingsEditor
from messenger.server.settings.start_check import check_restart
from messenger.server.settings.states import states
from messenger.server.store import audit as audit_store

_CHECKING = 25.0  # seconds: PostgreSQL takes 5 s for each host; an answer is expected after 30


class Restart(NamedTuple):
    """What a restart changes: the settings by their names; the port, if it is `moved`."""

    settings: list[str]
    port: int
    moved: bool


async def restart(services: Services, actor: Actor, language: str) -> Restart:
    """End the server so that it starts anew in its process; return what that changes.

    Raises Conflict if it is ending already, would not start with the settings, or runs in a program
    that does not start it.
    """

    def note(found: Restart) -> audit_store.Change[None]:
        return audit_store.Change(None, {"settings": found.settings}, None)

    return await _end(services, actor, ("admin_restart", "server"), note, None, language)


async def restore(services: Services, actor: Actor, order: RestoreOrder, language: str) -> Restart:
    """End the server so that a backup is restored before it starts anew; raises as `restart`."""
    act = (ACTION, order.backup.name)
    return await _end(services, actor, act, lambda _: order.note(), order, language)


async def _end(
    services: Services,
    actor: Actor,
    act: tuple[str, str],
    note: Callable[[Restart], audit_store.Change[None]],
    order: RestoreOrder | None,
    language: str,
) -> Restart:
    ending, reloader = services.ending, services.reloader
    if ending is None or reloader is None:
        raise Conflict("No server runs: start one")
    if not ending.can_restart:
        raise Conflict("The server cannot start itself anew here: stop it, and start it again")
    check = partial(_check, reloader.editor, services.settings, reloader.state.values)
    ending.reserve()
    try:
        found = await services.side_work.run(
            "check before a restart", check, seconds=_CHECKING, language=language
        )
        if order is not None and "data" in found.settings:
            raise Conflict("The server's directory is to be another one: restart the server first")
        await services.audit.act(actor, *act, lambda _connection: note(found))
    except BaseException as error:
        ending.release()
        if isinstance(error, BadRequest):
            raise Conflict("The server would not start again: {reason}", reason=error) from error
        raise
    ending.restart(order)
    return found


def _check(editor: SettingsEditor, used: Settings, values: Mapping[str, SettingValue]) -> Restart:
    """Check what a start would check; raises CannotStart."""
    layers = editor.layers()
    new = layers.settings()
    check_restart(new, used)
    waiting = [one.name for one in states(layers, values) if one.is_waiting]
    port = new.port or used.port
    return Restart(waiting, port, moved=port != used.port)
