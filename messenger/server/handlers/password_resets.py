"""Setting a new password by the code of an administrator, without a login."""

from messenger.jim.accounts import UseReset
from messenger.jim.base import Reply
from messenger.jim.errors import WrongCode
from messenger.log import log
from messenger.server.actions import action
from messenger.server.administration import password_resets
from messenger.server.answers import localized
from messenger.server.logins import check_new, check_not_logged_in, count_wrong
from messenger.server.records import Session
from messenger.server.services import Services


@action(UseReset, login=False, rate=None)
@log
async def use_reset(services: Services, session: Session, request: UseReset) -> Reply:
    """Set a new password; the account's sessions end, and its devices have to log in again."""
    session.language = request.lang
    name = request.account_name
    check_not_logged_in(session)
    check_new(name, "", request.verifier)
    # Counted as a login: a code is guessed no faster than a password.
    await services.login_attempts.take(session.origin, name)
    try:
        await password_resets.use(services, name, request.code, request.verifier)
    except WrongCode:
        count_wrong(services, session, name)
        raise
    return Reply(200, alert=localized(session, "The password is changed"))
