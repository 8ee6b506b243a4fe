"""The device of a session, and ending all sessions of a device or account."""

from messenger.jim.errors import Forbidden, ProtocolError
from messenger.server.records import Account, Session
from messenger.server.services import Services


def own_device(session: Session, account: Account) -> int:
    """Return the account's id; raises Forbidden for sessions without a device of their own."""
    if account.guest or account.id is None:
        raise Forbidden("A guest has no keys: register first")
    if not session.device:
        raise Forbidden("The greeting must name the `device`")
    return account.id


def is_part(device: str, of: str) -> bool:
    """Tell whether it is the device `of`, or belongs to it: another program on it has `of.1`."""
    return device == of or device.startswith(f"{of}.")


def end_device(
    services: Services, account: Account, device: str, error: ProtocolError, but: Session
) -> None:
    """End the sessions of a device and of the programs that belong to it, with this error."""
    for session in list(account.sessions):
        if session is not but and device and is_part(session.device, device):
            services.sessions.end(session, error)


def end_others(
    services: Services, session: Session, account: Account, error: ProtocolError
) -> None:
    """End all sessions of an account but this one and those that have logged in with its token.

    A session's device id proves nothing: whoever has the password can claim the same.
    """
    for other in list(account.sessions):
        has_same_token = session.token_hash is not None and other.token_hash == session.token_hash
        if other is not session and not has_same_token:
            services.sessions.end(other, error)
