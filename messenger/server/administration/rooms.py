"""Changes of rooms by administrators: stored, then in effect for everybody who is online."""

from messenger.jim.names import room_name
from messenger.server.actors import Actor
from messenger.server.services import Services
from messenger.server.store import room_list


async def close(services: Services, actor: Actor, name: str) -> None:
    """Close a room for good; raises NotFound, or BadRequest for the common chat."""
    name = room_name(name)
    closed = await services.audit.act(actor, "admin_close", name, room_list.close, name)
    if (room := services.conversations.get(closed)) is not None:
        services.room_ownership.close(room, actor.name)
