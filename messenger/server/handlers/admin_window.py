"""The login of the window that the server has started beside itself, with its one-time token."""

import logging

from messenger.jim.admin.window import OpenWindow
from messenger.jim.base import Reply
from messenger.jim.errors import Forbidden
from messenger.log import log
from messenger.server.actions import action
from messenger.server.logins import check_not_logged_in
from messenger.server.records import Session
from messenger.server.services import Services

_logger = logging.getLogger("messenger.server")


@action(OpenWindow, login=False, rate=None)
@log
async def open_window(services: Services, session: Session, request: OpenWindow) -> Reply:
    """Make the session the operator's: it may do what the operator's socket allows, and no more.

    It is a coroutine, so that requests behind this one wait for it: they are the operator's.
    """
    if not session.connection.certificate:
        raise Forbidden("Administration requires TLS: connect with it")
    check_not_logged_in(session)
    if not services.window_token.matches(request.token):
        _logger.warning("A window from %s has a wrong token", session.address)
        raise WrongToken("This token is wrong, used or expired: open the window by messenger admin")
    services.window_token.use_up()
    _logger.info("The window beside the server has logged in from %s", session.address)
    services.make_operator(session)
    return Reply(200)


class WrongToken(Forbidden):
    """The connection is closed: each attempt leaves a line in the log, and must not be cheap."""

    fatal = True
