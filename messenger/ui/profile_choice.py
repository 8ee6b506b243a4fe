"""Chooses the profile for a start of the client: a known one, or a new one."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from messenger.jim.errors import BadRequest
from messenger.jim.names import check_account
from messenger.language import _
from messenger.sdk.address import BadAddress, check_address
from messenger.sdk.backup import Owner, open_backup
from messenger.sdk.events import StateChanged
from messenger.sdk.invitation import DEFAULT_PORT, Invitation, parse_server
from messenger.sdk.password_store import has_keyring
from messenger.sdk.profiles import Profile, Profiles, Record, system_name
from messenger.sdk.server_identity import SERVER_KEY, Encryption
from messenger.sdk.store import Store
from messenger.ui.errors import explain
from messenger.ui.first_run import Newcomer, introduce
from messenger.ui.moved_servers import follow
from messenger.ui.prompts import NoLogin, Prompter
from messenger.ui.wording import server_name


class NoServer(NoLogin):
    """The address of the server is missing."""


class BadName(NoLogin):
    """The chosen name is not a valid account name; the text says why."""


class Start(NamedTuple):
    """How to start the client, from a command line or a window.

    `talks`: a user is present, not a program. `guest`: log in without a password and without
    asking. `fingerprint` is the fingerprint of the server's key in an invitation, `trust` the one
    that the user passed, or `authority`. `restore` is the file of a backup, `data` the directory of
    the profiles. `reset_code` is an administrator's code for a new password.
    """

    address: str | None = None
    port: int | None = None
    name: str | None = None
    profile: str | None = None
    talks: bool = True
    register: bool = False
    guest: bool = False
    invite: str | None = None
    data: Path | None = None
    encryption: Encryption | None = None
    fingerprint: str | None = None
    trust: str | None = None
    restore: Path | None = None
    log_level: str = "INFO"
    reset_code: str | None = None


class Suggestions(NamedTuple):
    """Initial values of a form: the server as a user writes it, and a name.

    `is_named`: the user has passed the name. `has_keyring`: the system can store a password.
    `has_account`: an account of that name has been used here. `reset_code` is an administrator's
    code for a new password.
    """

    server: str
    name: str
    is_named: bool
    has_keyring: bool
    has_account: bool = False
    reset_code: str = ""


Form = Callable[[Callable[[Newcomer], StateChanged | None], Suggestions], Newcomer | None]
"""Asks a new user for server and account, tries them by its first argument; None: cancelled."""

Chosen = tuple[Profile, Record]


def choose_profile(start: Start, prompter: Prompter, form: Form | None = None) -> Chosen | None:
    """Return the profile for this start, or a new one; None if a new user cancels the form.

    `form`, if there is one, asks for what is missing. Raises NoServer if the address is missing
    without it, and NoLogin.
    """
    profiles = Profiles(start.data)
    if start.restore is not None and (owner := _owner_of_backup(start.restore, prompter)):
        return _profile_of(owner, start, profiles)
    found = follow(start, profiles, prompter) or _known_profile(start, profiles)
    if found is not None and found.record is not None and _is_meant(found.record, start):
        return found, found.record
    if form is not None and _is_incomplete(start, prompter):
        prompter.has_asked = True
        return _first_run(start, profiles, prompter, form)
    return _new_profile(start, profiles, prompter, found)


def add_profile(start: Start, prompter: Prompter, form: Form) -> Chosen | None:
    """Ask a user who has profiles for another account; None if he cancels the form."""
    prompter.has_asked = True
    return _first_run(start, Profiles(start.data), prompter, form)


def with_server(start: Start, prompter: Prompter) -> Start:
    """Ask a new user for the server; an invitation link also has a token and the server's key."""
    invitation = _ask_for_server(prompter)
    return start._replace(
        address=invitation.address,
        port=invitation.port,
        invite=start.invite or invitation.token or None,
        fingerprint=start.fingerprint or (None if start.trust else invitation.key),
        reset_code=start.reset_code or invitation.reset_code or None,
        name=invitation.account or start.name,
    )


def _ask_for_server(prompter: Prompter) -> Invitation:
    while True:
        try:
            return parse_server(prompter.server())
        except ValueError as error:
            prompter.say(explain(error))


# --- known users -------------------------------------------------------------------------------


def _owner_of_backup(file: Path, prompter: Prompter) -> Owner | None:
    """Return the owner of the backup; None if an earlier version wrote it, without an owner."""
    with open_backup(file, prompter.passphrase_of_backup()) as backup:
        return backup.owner


def _profile_of(owner: Owner, start: Start, profiles: Profiles) -> Chosen:
    """Return the profile that a backup belongs to, or the one that the user named for it."""
    profile = profiles.named(start.profile) if start.profile else profiles.of_owner(owner)
    record = profile.record or profile.set_up(owner.address, owner.port, owner.account)
    kept = (record.account, record.address, record.port)
    if kept != owner[:3] or not _fits(start, *owner[:3]):
        raise NoLogin(
            _(
                "This is a backup of {name} on {address}:{port}: "
                "restore it without another name, server or profile",
                name=owner.account,
                address=owner.address,
                port=owner.port,
            )
        )
    return profile, record


def _known_profile(start: Start, profiles: Profiles) -> Profile | None:
    if start.profile is not None:
        return _check_fits(profiles.named(start.profile), start)
    # An address without a port means the default one; without an address any port will do.
    port = (start.port or DEFAULT_PORT) if start.address else start.port
    return profiles.last(start.address, port, start.name)


def _is_meant(record: Record, start: Start) -> bool:
    """Return whether the user has logged in with this profile, or names its account.

    After a failed first login the name is asked for again: it may have been mistyped.
    """
    return record.confirmed or start.name == record.account


def _check_fits(profile: Profile, start: Start) -> Profile:
    """Raise NoLogin if the profile belongs to another account than the one asked for."""
    record = profile.record
    if record is None or not record.confirmed:
        return profile
    if not _fits(start, record.account, record.address, record.port):
        raise NoLogin(
            _(
                "The profile {profile} belongs to {name} on {address}:{port}: choose another",
                profile=profile.name,
                name=record.account,
                address=record.address,
                port=record.port,
            )
        )
    return profile


def _fits(start: Start, account: str, address: str, port: int) -> bool:
    """Return whether the start names this account; what it leaves open fits any."""
    return (
        start.address in (None, address)
        and start.port in (None, port)
        and start.name in (None, account)
    )


# --- new users ---------------------------------------------------------------------------------


def _new_profile(
    start: Start, profiles: Profiles, prompter: Prompter, found: Profile | None
) -> Chosen:
    if start.address is None:
        raise NoServer
    address, port = start.address, DEFAULT_PORT if start.port is None else start.port
    try:
        check_address(address, port)
    except BadAddress as error:
        raise NoLogin(explain(error)) from error
    name = _name(start, prompter, found)
    profile = _profile_for(start, profiles, address, port, name)
    record = profile.record
    if record is None or record.account != name:
        record = profile.set_up(address, port, name)
    return profile, record


def _name(start: Start, prompter: Prompter, found: Profile | None) -> str:
    """Return the name of a new user; raises BadName."""
    record = found.record if found is not None else None
    suggestion = record.account if record is not None else system_name()
    name = start.name or (prompter.name(suggestion) if start.talks else suggestion)
    try:
        check_account(name)
    except BadRequest as error:
        raise BadName(explain(error)) from error
    return name


def _profile_for(start: Start, profiles: Profiles, address: str, port: int, name: str) -> Profile:
    if start.profile is not None:
        return profiles.named(start.profile)
    return profiles.of(address, port, name)


def _is_incomplete(start: Start, prompter: Prompter) -> bool:
    """Return whether a form has something to ask for."""
    decided = start.register or start.guest or prompter.given is not None
    return start.address is None or start.name is None or not decided


def _first_run(start: Start, profiles: Profiles, prompter: Prompter, form: Form) -> Chosen | None:
    """Show the form to a new user; store what the first login returned in a new profile."""
    # In memory: a login that fails leaves no profile behind.
    first = Store()
    first.is_ephemeral = False  # Its device lasts: the profile's database takes it over.

    def attempt(one: Newcomer) -> StateChanged | None:
        if _is_here(_profile_of_newcomer(one, start, profiles), one):
            return None  # It logs in as the device that it is, when it is opened.
        return introduce(one, first, _encryption(one, start), start.trust)

    newcomer = form(
        attempt,
        Suggestions(
            server=_server_text(start),
            name=start.name or system_name(),
            is_named=start.name is not None,
            has_keyring=has_keyring(),
            has_account=_has_account(start, profiles),
            reset_code=start.reset_code or "",
        ),
    )
    if newcomer is None:
        return None
    profile = _profile_of_newcomer(newcomer, start, profiles)
    if profile.record is not None and _is_here(profile, newcomer):
        # Its messages stay: only the login is new.
        _open_for(newcomer, profile, prompter)
        prompter.entered = newcomer.credentials
        first.close()
        return profile, profile.record
    address, port, name = newcomer.address, newcomer.port, newcomer.credentials.name
    record = profile.set_up(address, port, name)
    record.confirmed = True
    record.registered = newcomer.credentials.password is not None
    record.encryption = _encryption(newcomer, start)
    record.ask_password = newcomer.remember is None and newcomer.credentials.password is not None
    _open_for(newcomer, profile, prompter)
    _take_over(first, profile, is_trusted=bool(start.trust))
    # Last: a profile that is saved as confirmed has everything that its next start needs.
    profile.save()
    return profile, record


def _has_account(start: Start, profiles: Profiles) -> bool:
    known = profiles.last(start.address, start.port, start.name) if start.name else None
    return known is not None and known.record is not None and known.record.registered


def _profile_of_newcomer(newcomer: Newcomer, start: Start, profiles: Profiles) -> Profile:
    name = newcomer.credentials.name
    return _profile_for(start, profiles, newcomer.address, newcomer.port, name)


def _is_here(profile: Profile, newcomer: Newcomer) -> bool:
    """Return whether this is the account of a profile that is in use, perhaps logged out."""
    record = profile.record
    account = (newcomer.credentials.name, newcomer.address, newcomer.port)
    return (
        record is not None
        and record.confirmed
        and (record.account, record.address, record.port) == account
    )


def _encryption(newcomer: Newcomer, start: Start) -> Encryption:
    return "plain" if newcomer.is_plain else start.encryption or "auto"


def _open_for(newcomer: Newcomer, profile: Profile, prompter: Prompter) -> None:
    """Unlock the profile's data by the passphrase of the form, or ask if it is another one."""
    profile.lock_new(newcomer.passphrase)
    # Tried once: the profile may exist already, with another passphrase.
    given = [newcomer.passphrase] if newcomer.passphrase else []
    profile.unlock(lambda: given.pop() if given else prompter.passphrase(), prompter.recovery_code)
    password = newcomer.credentials.password
    if newcomer.remember is not None and password is not None:
        profile.remember_password(password, newcomer.remember)


def _take_over(first: Store, profile: Profile, *, is_trusted: bool) -> None:
    """Copy the first login's data to the profile; a server's key that this knows stays."""
    kept = profile.open_store()
    known = None if is_trusted else kept.get(SERVER_KEY)
    kept.take_over(first)
    if known is not None:
        kept.put(SERVER_KEY, known)
    kept.close()
    first.close()


def _server_text(start: Start) -> str:
    if start.address is None:
        return ""
    port = start.port or DEFAULT_PORT
    if start.invite is not None:
        key = f"&key={start.fingerprint}" if start.fingerprint else ""
        return f"jim://{server_name(start.address, port)}?invite={start.invite}{key}"
    if start.reset_code is not None and start.fingerprint and start.name is not None:
        account = f"{start.reset_code}&user={quote(start.name, safe='')}"
        where = server_name(start.address, port)
        return f"jim://{where}?reset={account}&key={start.fingerprint}"
    return server_name(start.address, port, briefly=True)
