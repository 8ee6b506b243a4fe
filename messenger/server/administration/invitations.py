"""Invitations by administrators of a server that runs."""

from typing import NamedTuple

from sqlalchemy import Connection

from messenger.jim.errors import Conflict
from messenger.language import speaking
from messenger.server.actors import Actor
from messenger.server.config import Settings
from messenger.server.errors import CannotStart
from messenger.server.invitations import NewLink, doubt, new_link
from messenger.server.services import Services
from messenger.server.store import invitations as invitation_store


class Made(NamedTuple):
    """An invitation that was made: its id, the link, and a warning if the link may not work."""

    id: str
    link: str
    warning: str


async def make(services: Services, actor: Actor, uses: int, days: float, language: str) -> Made:
    """Make an invitation, with a warning in a language; raises Conflict if no link would work."""

    def prepare(_connection: Connection) -> tuple[NewLink, str]:
        with speaking(language):
            return _prepare(services.settings, uses, days)

    try:
        # In a thread that may wait: finding this machine's own name may ask the name service.
        new, warning = await services.read_pool.read(prepare)
    except CannotStart as error:
        raise Conflict(str(error)) from error
    made_id = invitation_store.id_of(new.token_hash)
    await services.audit.act(
        actor,
        invitation_store.MADE,
        made_id,
        invitation_store.make,
        new.token_hash,
        uses=uses,
        expires_at=new.expires_at,
    )
    return Made(made_id, new.link, warning)


def _prepare(settings: Settings, uses: int, days: float) -> tuple[NewLink, str]:
    return new_link(settings, uses, days), doubt(settings) or ""
