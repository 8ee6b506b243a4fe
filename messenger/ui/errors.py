"""Words for errors, by their type: in the user's language."""

from messenger.jim.errors import ProtocolError
from messenger.language import N_, _
from messenger.sdk import address, errors, file_errors, invitation, key_errors, server_identity

_SENTENCES: dict[type[errors.ClientError], str] = {
    errors.Cancelled: N_("Cancelled"),
    errors.NotOnline: N_("Not connected"),
    errors.ConnectionLost: N_("Connection lost"),
    errors.NoReply: N_("The server does not answer"),
    errors.Unanswered: N_("The server did not confirm it"),
    errors.ServerClosed: N_("The server closed the connection"),
    errors.Unreachable: N_("The server cannot be reached: {reason}"),
    errors.NotMessenger: N_("This is not a Messenger server: {error}"),
    errors.InternalError: N_("Internal error ({name}): the log has more"),
    errors.AnswerTooLarge: N_("The server's answer is larger than {size} bytes: tell its operator"),
    errors.NoTls: N_("The server does not support TLS ({reason})"),
    errors.LoginElsewhere: N_("Your login is for another server: log in with your password"),
    errors.PasswordUnknown: N_(
        "This server does not know your password ({reason}): it is another server"
    ),
    errors.RemovedOffline: N_("This device was removed by another one of yours"),
    errors.PlainJim: N_("This server speaks plain JIM only: it cannot do this"),
    errors.UnknownUser: N_("There is no user {name}"),
    errors.TextOverLimit: N_(
        "This text is {length} characters long; the server takes at most {most}"
    ),
    errors.MessageOverLimit: N_(
        "It is too long: {size} bytes when encoded; the server accepts {most}"
    ),
    errors.NotText: N_("This is not text: it has bytes that are not UTF-8"),
    errors.NoDeviceList: N_("The server has sent no list of devices"),
    key_errors.GuestsHaveNoKeys: N_("Guests have no encryption keys: register your name first"),
    key_errors.GuestHasNoKeys: N_("{name} is a guest: guests have no encryption keys"),
    key_errors.DeviceInUse: N_("This is the device that you are using: log out instead"),
    key_errors.NothingChanged: N_("Nothing has changed: {name} is verified"),
    errors.RolledBack: N_("The server was restored from a backup that does not have this message"),
    server_identity.KeyReplaced: N_(
        "The server has another key than before: someone may be intercepting the connection.\nIt "
        "was {known},\nand is {found}."
    ),
    server_identity.OtherInvited: N_(
        "The server has another key than you were given.\nYou were given {named},\nand the server "
        "has {known}."
    ),
    server_identity.CertificateRenewed: N_(
        "{error}\nA certificate authority has signed the new key."
    ),
    server_identity.NoAuthority: N_(
        "No certificate authority confirms this server any more ({reason}). Ask its operator."
    ),
    address.BadPort: N_("The port must be a number from 1 to 65535, not {port}"),
    address.BadHost: N_("{host} is not a valid host name: check for typing mistakes"),
    invitation.BadLink: N_("{link} is not an invitation link, such as jim://host:7777?invite=..."),
    invitation.NoAddress: N_("Type the server's address: host, or host:port"),
    invitation.NotAnAddress: N_("{address} is not a server address: type host, or host:port"),
    key_errors.EncryptionOff: N_("Encryption is off: {reason}"),
    key_errors.ServerCannotEncrypt: N_(
        "This server does not support encrypted messages: not sent unencrypted"
    ),
    key_errors.RecipientsCannotDecrypt: N_(
        "{names} cannot read encrypted messages: not sent unencrypted"
    ),
    key_errors.VerifiedKeysChanged: N_(
        "{account}'s security keys have changed since you verified them"
    ),
    key_errors.OtherKeysCompared: N_(
        "{account}'s security keys are not the ones you have compared"
    ),
    key_errors.NoSignedDevice: N_(
        "No device of {account} is signed by the identity that you know: nothing is sent"
    ),
    key_errors.OwnKeysChanged: N_(
        "Your account's security keys have changed: approve this device again"
    ),
    key_errors.InconsistentDeviceList: N_("The server's device list contradicts itself"),
    key_errors.StrangersListed: N_(
        "The server lists somebody else's devices in this chat: nothing is sent"
    ),
    key_errors.NoDeviceListed: N_("The server lists no device of {account}: nothing is sent"),
    key_errors.NoSuchDevice: N_("None of your devices shows this code"),
    key_errors.DeviceUnreachable: N_("The device cannot be reached: start it, and try again"),
    key_errors.NotApproved: N_("This device is not approved itself: use an approved one"),
    key_errors.NoKeptSecret: N_(
        "This device has no saved secret that is still valid for your account"
    ),
    key_errors.WrongRecoveryCode: N_(
        "This recovery code belongs to another account, or is no longer valid"
    ),
    key_errors.NoKeys: N_("{account} has no encryption-capable device yet"),
    key_errors.VerificationRunning: N_("You are comparing emoji with {account} already"),
    key_errors.NoVerification: N_("There is no verification with {account}"),
    key_errors.NothingToCompare: N_("There is nothing to compare with {account}"),
    file_errors.WrongKey: N_(
        "The local database {file} does not open: the passphrase or key is wrong, or it is "
        "damaged. Try again, or move the file away to begin anew"
    ),
    file_errors.KeyMissing: N_(
        "The key of {database} is missing from {file}: put it back, or move the database away to "
        "start over"
    ),
    file_errors.NewerDatabase: N_(
        "The local database {file} was created by a newer version of Messenger: install that "
        "version"
    ),
    file_errors.DatabaseDamaged: N_(
        "The local database is damaged ({reason}): restore it from a backup, or move it away to "
        "start over"
    ),
    file_errors.DatabaseUnusable: N_("The local database cannot be used now: {reason}"),
    file_errors.FileUnwritable: N_("{file} cannot be written ({reason})"),
    file_errors.FileDamaged: N_("{file} is damaged: take another copy of it"),
    file_errors.ProfileUnreadable: N_(
        "The profile {file} cannot be read ({reason}): correct it, or move it away"
    ),
    file_errors.ProfileInUse: N_("Another program uses this profile: end it, then try again"),
    file_errors.TooManyPipes: N_("{count} programs use this profile already: end one first"),
    file_errors.TooManyPrograms: N_(
        "{count} programs already use this account on this computer: end one first"
    ),
    file_errors.KeyLost: N_(
        "The key of your messages is not in the system's keyring: unlock that first"
    ),
    file_errors.WrongSpareCode: N_(
        "The key of your messages is not in the system's keyring: unlock that first ({mistake})"
    ),
    file_errors.FileExists: N_("{file} exists already: choose another name"),
    file_errors.NoDirectory: N_("There is no directory {directory}: create it first"),
    file_errors.BackupUnwritable: N_("{file} cannot be written ({reason})"),
    file_errors.BackupUnreadable: N_("{file} cannot be read ({reason})"),
    file_errors.WrongPassphrase: N_(
        "{file} does not open: the passphrase is wrong, or it is no backup"
    ),
}


def explain(error: BaseException | None) -> str:
    """Return an error as a sentence, without a full stop; empty for None."""
    if error is None:
        return ""
    if isinstance(error, errors.ClientError):
        values = {name: _shown(value) for name, value in vars(error).items()}
        return _(_SENTENCES[type(error)], **values)
    if isinstance(error, ProtocolError):
        return error.said_in(None)
    return _(str(error))


def _shown(value: object) -> object:
    return explain(value) if isinstance(value, Exception) else value
