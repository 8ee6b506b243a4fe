"""Whose client it is: the profile that the options mean, or a new one."""

from pathlib import Path

from messenger.console.options import Options
from messenger.console.streams import say
from messenger.jim.errors import BadRequest
from messenger.jim.names import check_account
from messenger.language import _
from messenger.sdk.address import BadAddress, check_address
from messenger.sdk.backup import Owner, open_backup
from messenger.sdk.invitation import DEFAULT_PORT, Invitation, parse_server
from messenger.sdk.login import Credentials
from messenger.sdk.profiles import Profile, Profiles, Record, system_name
from messenger.sdk.safe import has_keyring
from messenger.sdk.store import Store
from messenger.sdk.trust import SERVER_KEY
from messenger.ui.commands.encryption import progress_shown
from messenger.ui.first_run import Newcomer, introduce
from messenger.ui.prompts import NoLogin, Prompter


def choose_profile(options: Options, prompter: Prompter) -> tuple[Profile, Record] | None:
    """Return the profile that is meant, or a new one; None if a new user leaves again."""
    profiles = Profiles(options.data)
    if options.restore is not None and (owner := _owner_of_backup(options.restore, prompter)):
        return _profile_of(owner, options, profiles)
    found = _known_profile(options, profiles)
    if found is not None and found.record is not None and _is_meant(found.record, options):
        return found, found.record
    if _is_for_the_form(options, prompter):
        prompter.has_asked = True
        return _welcome(options, profiles, prompter)
    if options.address is None:
        raise NoServer
    address, port = options.address, DEFAULT_PORT if options.port is None else options.port
    try:
        check_address(address, port)
    except BadAddress as error:
        raise NoLogin(str(error)) from error
    name = _name(options, prompter, found)
    profile = profiles.named(options.profile) if options.profile else None
    profile = profile or profiles.of(address, port, name)
    record = profile.record
    if record is None or record.account != name:
        record = profile.set_up(address, port, name)
    return profile, record


class NoServer(NoLogin):
    """It is not said where the server is."""


def with_server(options: Options, prompter: Prompter) -> Options:
    """Ask a new user for the server; an invitation says more than where that is."""
    invitation = _ask_for_server(prompter)
    return options._replace(
        address=invitation.address,
        port=invitation.port,
        invite=options.invite or invitation.token or None,
        fingerprint=options.fingerprint or (None if options.trust else invitation.key),
    )


def credentials_for(
    options: Options, record: Record, profile: Profile, prompter: Prompter
) -> Credentials:
    """Return how the user logs in first; somebody new at a terminal is asked."""
    name = record.account
    # Where the form has made the account, or an earlier start, there is none to make.
    if (options.register or options.invite) and not record.confirmed:
        password = profile.password() or prompter.new_password(name)
        return Credentials(name, password, register=True, invite=options.invite)
    if options.guest:  # whatever the environment has for other accounts
        return Credentials(name)
    known = prompter.given or profile.password()
    is_new = not record.confirmed and options.talks
    if known is None and is_new and prompter.may_ask:
        known = prompter.password_of_newcomer(name)
    return Credentials(name, known)


def bring_back(profile: Profile, file: Path, prompter: Prompter) -> None:
    """Put what a backup has in the place of what the profile keeps."""
    store = profile.open_store()
    try:
        with open_backup(file, prompter.passphrase_of_backup()) as backup:
            backup.restore(store, progress_shown(say))
    finally:
        store.close()
    say(_("The backup {file} is restored.", file=file))


def _owner_of_backup(file: Path, prompter: Prompter) -> Owner | None:
    """Return whose the backup is; None for one of an earlier version, which does not say so."""
    with open_backup(file, prompter.passphrase_of_backup()) as backup:
        return backup.owner


def _profile_of(owner: Owner, options: Options, profiles: Profiles) -> tuple[Profile, Record]:
    """Return the profile that a backup belongs to, or the one that is named for it."""
    profile = profiles.named(options.profile) if options.profile else profiles.of_owner(owner)
    record = profile.record or profile.set_up(owner.address, owner.port, owner.account)
    if (record.account, record.address, record.port) != owner[:3] or (
        options.address not in (None, owner.address)
        or options.port not in (None, owner.port)
        or options.name not in (None, owner.account)
    ):
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


def _known_profile(options: Options, profiles: Profiles) -> Profile | None:
    if options.profile is not None:
        return _check_fits(profiles.named(options.profile), options)
    port = (options.port or DEFAULT_PORT) if options.address else options.port
    return profiles.last(options.address, port, options.name)


def _is_meant(record: Record, options: Options) -> bool:
    """Tell whether the user has logged in by this profile, or names it.

    A first login that failed does not stick: the name is asked for again.
    """
    return record.confirmed or options.name == record.account


def _is_for_the_form(options: Options, prompter: Prompter) -> bool:
    """Tell whether the form of the full screen asks what is missing."""
    if not options.is_full_screen:
        return False
    decided = options.register or options.guest or prompter.given is not None
    return options.address is None or options.name is None or not decided


def _check_fits(profile: Profile, options: Options) -> Profile:
    """Refuse to take a profile for another account than its own."""
    record = profile.record
    if record is None or not record.confirmed:
        return profile
    if (
        options.address not in (None, record.address)
        or options.port not in (None, record.port)
        or options.name not in (None, record.account)
    ):
        raise NoLogin(
            _(
                "The profile {profile} is that of {name} on {address}:{port}: take another",
                profile=profile.name,
                name=record.account,
                address=record.address,
                port=record.port,
            )
        )
    return profile


def _name(options: Options, prompter: Prompter, found: Profile | None) -> str:
    """Return the name of a new user; raises NoLogin."""
    record = found.record if found is not None else None
    suggestion = record.account if record is not None else system_name()
    name = options.name or (prompter.name(suggestion) if options.talks else suggestion)
    try:
        check_account(name)
    except BadRequest as error:
        raise NoLogin(f"{error}: -n NAME") from error
    return name


def _ask_for_server(prompter: Prompter) -> Invitation:
    while True:
        try:
            return parse_server(prompter.server())
        except ValueError as error:
            prompter.say(str(error))


def _welcome(
    options: Options, profiles: Profiles, prompter: Prompter
) -> tuple[Profile, Record] | None:
    """Let a new user say who they are; keep what the first login has given."""
    from messenger.console.screen.welcome import Welcome

    first = Store()
    first.is_passing = False  # A file takes it over.
    app = Welcome(
        lambda newcomer: introduce(newcomer, first, options.encryption or "auto", options.trust),
        server=_server_text(options),
        name=options.name or system_name(),
        is_named=options.name is not None,
        has_keyring=has_keyring(),
    )
    newcomer = app.run()
    if newcomer is None:
        return None
    address, port, name = newcomer.address, newcomer.port, newcomer.credentials.name
    if options.profile is not None:
        profile = profiles.named(options.profile)
    else:
        profile = profiles.of(address, port, name)
    record = profile.set_up(address, port, name)
    record.confirmed = True
    record.ask_password = newcomer.remember is None and newcomer.credentials.password is not None
    _open_for(newcomer, profile, prompter)
    _take_over(first, profile, is_trusted=bool(options.trust))
    profile.save()
    return profile, record


def _open_for(newcomer: Newcomer, profile: Profile, prompter: Prompter) -> None:
    """Open what the profile keeps: by the passphrase of the form, where it has one already, too."""
    profile.lock_new(newcomer.passphrase)
    given = [newcomer.passphrase] if newcomer.passphrase else []
    profile.unlock(lambda: given.pop() if given else prompter.passphrase(), prompter.recovery_code)
    password = newcomer.credentials.password
    if newcomer.remember is not None and password is not None:
        profile.remember_password(password, newcomer.remember)


def _take_over(first: Store, profile: Profile, *, is_trusted: bool) -> None:
    """Keep what the first login has given; the server's key that is known stays."""
    kept = profile.open_store()
    known = None if is_trusted else kept.get(SERVER_KEY)
    kept.take_over(first)
    if known is not None:
        kept.put(SERVER_KEY, known)
    kept.close()
    first.close()


def _server_text(options: Options) -> str:
    if options.address is None:
        return ""
    port = options.port or DEFAULT_PORT
    host = f"[{options.address}]" if ":" in options.address else options.address
    if options.invite is not None:
        key = f"&key={options.fingerprint}" if options.fingerprint else ""
        return f"jim://{host}:{port}?invite={options.invite}{key}"
    return options.address if port == DEFAULT_PORT else f"{host}:{port}"
