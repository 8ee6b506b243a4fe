"""A restart of the server, for administrators."""

from messenger.jim.admin.restart import Restarting, RestartServer
from messenger.log import log
from messenger.server.actions import action, actor_required
from messenger.server.actors import ADMINISTRATOR, Actor
from messenger.server.administration.restarting import restart
from messenger.server.answers import localized
from messenger.server.records import Session
from messenger.server.services import Services


@action(RestartServer, role=ADMINISTRATOR)
@log
@actor_required
async def restart_server(
    services: Services, session: Session, actor: Actor, request: RestartServer
) -> Restarting:
    """Restart the server."""
    found = await restart(services, actor, session.language)
    alert = localized(session, "The server restarts")
    return Restarting(200, port=found.port, moved=found.moved, alert=alert)
