"""Opens a profile and creates its client, in the only safe order; closes both afterwards."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from messenger.jim.errors import DeviceRemoved
from messenger.language import _, own_language
from messenger.log.client_log_config import configure
from messenger.sdk.client import Client
from messenger.sdk.credentials import Credentials
from messenger.sdk.events import ApprovalChanged, ConnectionState, RecoveryChanged, StateChanged
from messenger.sdk.file_errors import FileUnwritable
from messenger.sdk.key_states import ApprovalState, RecoveryState
from messenger.sdk.login import TOKEN
from messenger.sdk.profiles import Profile, Record
from messenger.sdk.store import Store
from messenger.system_errors import reason_of
from messenger.ui.local_data import restore_profile
from messenger.ui.profile_choice import Start
from messenger.ui.progress import progress_shown
from messenger.ui.prompts import NoLogin, Prompter
from messenger.ui.welcome_form import AFTER_RESET


class AlreadyOpen(NoLogin):
    """Another window has the profile open."""


@contextmanager
def open_client(
    start: Start, profile: Profile, record: Record, prompter: Prompter
) -> Iterator[Client]:
    """Open a profile, and create a client that is not started yet; close both at the end.

    Raises NoLogin and StoreUnusable. The profile is locked against other processes before anything
    of it is read, and its data are decrypted before the log and the database are opened.
    """
    _claim(start, profile, record)
    try:
        credentials = credentials_for(start, record, profile, prompter)
        _unlock(start, profile, prompter)
        prompter.is_registered = record.registered
        with _opened_store(start, profile, record, is_asked=prompter.has_asked) as store:
            client = _client(start, record, credentials, store)
            _keep_up(profile, client, start)
            try:
                yield client
            finally:
                client.close()
    finally:
        profile.release()


def _claim(start: Start, profile: Profile, record: Record) -> None:
    if start.encryption not in (None, record.encryption):
        record.encryption = start.encryption or "auto"
        profile.save()
    if start.talks and not profile.claim():
        said = _("{name} is open in another window already: close it", name=profile.name)
        raise AlreadyOpen(said)


def _unlock(start: Start, profile: Profile, prompter: Prompter) -> None:
    profile.unlock(prompter.passphrase, prompter.recovery_code)
    # Does nothing to a profile that has a database already.
    profile.lock_new()
    _configure_log(profile.directory, start.log_level)
    if start.restore is not None:
        bring_back(profile, start.restore, prompter)


def credentials_for(
    start: Start, record: Record, profile: Profile, prompter: Prompter
) -> Credentials:
    """Return the credentials for the first attempt; asks a new user, if anybody can be asked."""
    name = record.account
    if prompter.entered is not None and prompter.entered.name == name:
        return prompter.entered
    # A registered profile has its account already; that of a guest does not.
    if (start.register or start.invite) and not record.registered:
        password = profile.password() or prompter.new_password(name)
        return Credentials(name, password, register=True, invite=start.invite)
    # A form has used the code already.
    if start.reset_code is not None and not prompter.has_asked:
        prompter.say(_(AFTER_RESET))
        return Credentials(name, prompter.new_password(name), reset_code=start.reset_code)
    if start.guest:  # even if the environment has a password: it is that of another account
        return Credentials(name)
    known = prompter.given or profile.password()
    is_new = not record.confirmed and start.talks
    if known is None and is_new and prompter.may_ask:
        known = prompter.password_of_newcomer(name)
    return Credentials(name, known)


def bring_back(profile: Profile, file: Path, prompter: Prompter) -> None:
    """Replace the profile's local data by those of a backup."""
    passphrase = prompter.passphrase_of_backup()
    restore_profile(profile, file, passphrase, progress_shown(prompter.say))
    prompter.say(_("The backup {file} is restored.", file=file))


@contextmanager
def _opened_store(
    start: Start, profile: Profile, record: Record, *, is_asked: bool
) -> Iterator[Store]:
    """Open the local database; delete the login token if the password is to be asked each time.

    `is_asked`: the user has just entered the password.
    """
    # A pipe has a database of its own, so that an open chat receives the same messages itself.
    store = profile.open_store() if start.talks else profile.open_pipe()
    close: Callable[[Store], None] = Store.close if start.talks else profile.close_pipe
    try:
        if record.ask_password and not is_asked:
            store.put(TOKEN, None)  # left by a program that was killed
        yield store
    finally:
        # The token logs in without the password, which the user wants to be asked for.
        if record.ask_password:
            store.put(TOKEN, None)
        close(store)


def _client(start: Start, record: Record, credentials: Credentials, store: Store) -> Client:
    client = Client(
        record.address,
        record.port,
        credentials,
        store,
        encryption=record.encryption,
        fingerprint=start.fingerprint,
        language=own_language(),
    )
    if start.trust is not None:
        client.trust.accept(start.trust)
    return client


def _keep_up(profile: Profile, client: Client, start: Start) -> None:
    """Have the profile store what the client learns: a login, the account's secret."""
    client.on(StateChanged)(lambda event: _note_state(event, profile, client))
    if start.talks:
        profile.keep_spare(client.store)
    keep = profile.keep_spare if start.talks else profile.hand_over

    @client.on(ApprovalChanged)
    def _approved(event: ApprovalChanged) -> None:
        if event.approval.state is ApprovalState.APPROVED:
            keep(client.store)

    @client.on(RecoveryChanged)
    def _made(event: RecoveryChanged) -> None:
        # Perhaps in place of another secret: then the device was approved before, too.
        if event.recovery.state is RecoveryState.CODE_UNCONFIRMED:
            keep(client.store)


def _note_state(event: StateChanged, profile: Profile, client: Client) -> None:
    if event.state is ConnectionState.ONLINE:
        profile.confirm(registered=not client.core.is_guest)
        _replace_forgotten(profile, client.core.credentials)
    elif isinstance(event.error, DeviceRemoved):
        profile.forget_login()


def _replace_forgotten(profile: Profile, credentials: Credentials) -> None:
    """Replace the saved password by one that a code of an administrator has set."""
    new = credentials.password
    if credentials.reset_code is not None and new is not None and profile.password() != new:
        profile.replace_password(new)


def _configure_log(directory: Path, level: str) -> None:
    try:
        configure(directory / "log", level)
    except OSError as error:
        raise FileUnwritable(directory, reason_of(error)) from error
