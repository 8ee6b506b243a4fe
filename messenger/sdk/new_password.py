"""What a server gets in the place of a new password."""

from messenger.crypto import passwords
from messenger.jim.errors import BadRequest


def new_verifier(name: str, password: str) -> str:
    """Return the verifier of an account's new password, which says nothing about the password.

    Only here the password can be checked: raises BadRequest if it is not good enough.
    """
    try:
        passwords.check_policy(password, name)
    except ValueError as error:
        raise BadRequest(str(error)) from error
    return passwords.make_verifier(password).encode()
