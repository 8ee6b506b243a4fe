"""The handshake: the features of a client's greeting, and the welcome that answers it."""

from messenger import __version__
from messenger.jim.base import Reply
from messenger.jim.session import (
    ENCRYPTION,
    EVENTS,
    FEATURES,
    NUMBERS,
    VERSION,
    Greeting,
    SizeLimits,
    Welcome,
)
from messenger.server.answers import localized
from messenger.server.records import Session
from messenger.server.services import Services


def greet(session: Session, request: Greeting) -> None:
    """Note the features that the client understands."""
    session.greeted = request.jim >= 2
    session.numbers = session.greeted and NUMBERS in request.features
    session.events = session.greeted and EVENTS in request.features
    session.receives_to_device = session.greeted and ENCRYPTION in request.features
    if request.device is not None and session.greeted:
        session.device = request.device.id[:64]  # as long as its column in the database
    if not session.numbers:  # such a client sends no receipts: the server notes what it sent
        session.delivered = {}


def welcome(
    services: Services,
    session: Session,
    request: Greeting,
    token: str | None = None,
    data: str | None = None,
    *,
    is_login: bool = True,
) -> Reply:
    """Return the answer to a greeting: plain clients get no more than OK and a notice.

    `token` and `data` belong to a login: the token for the next one, and the server's own proof.
    """
    account, settings = session.account, services.settings
    notice = settings.message_of_the_day if is_login else ""
    if account is None or request.jim < 2:
        # Clients of plain JIM print the alert.
        return Reply(200, alert=notice or None)
    limits = services.limits
    return Welcome(
        200,
        alert=localized(session, "Welcome, {name}", name=account.name),
        jim=VERSION,
        features=FEATURES,
        limits=SizeLimits(limits.object_size, limits.text_length, limits.room_members),
        account_name=account.name,
        guest=account.guest,
        token=token,
        data=data,
        server=f"Messenger {__version__}",
        name=settings.name,
        description=settings.description,
        message_of_the_day=notice,
        log=services.log_id,
    )
