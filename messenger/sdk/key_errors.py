"""Errors of encryption, verification and approval."""

from dataclasses import dataclass

from messenger.crypto.signed import SignatureError
from messenger.jim.errors import BadRequest, Conflict, Forbidden, NotFound, ProtocolError
from messenger.sdk.errors import ClientError

# --- sending -----------------------------------------------------------------------------------


@dataclass(eq=False)
class EncryptionOff(ClientError, Forbidden):
    """The server has refused this device's keys: nothing can be encrypted, nor is sent plain."""

    sentence = "Encryption is off: {reason}"
    reason: ProtocolError


class NotEncryptable(ClientError, Forbidden):
    """A message cannot be encrypted, and is not sent unencrypted unless the user wants that."""


class ServerCannotEncrypt(NotEncryptable):
    """The server does not support encryption."""

    sentence = "This server does not support encrypted messages: not sent unencrypted"


@dataclass(eq=False)
class RecipientsCannotDecrypt(NotEncryptable):
    """These recipients have no device that can decrypt."""

    sentence = "{names} cannot read encrypted messages: not sent unencrypted"
    names: str


@dataclass(eq=False)
class VerificationNeeded(ClientError, Forbidden):
    """Nothing is sent to an account before the user has verified its security keys."""

    account: str


class VerifiedKeysChanged(VerificationNeeded, SignatureError):
    """The identity of an account has changed since the user verified it."""

    sentence = "{account}'s security keys have changed since you verified them"


class OtherKeysCompared(VerificationNeeded):
    """The user has compared the number of another identity."""

    sentence = "{account}'s security keys are not the ones you have compared"


class NoSignedDevice(VerificationNeeded):
    """The account's identity has signed none of its devices."""

    sentence = "No device of {account} is signed by the identity that you know: nothing is sent"


class OwnKeysChanged(ClientError, ProtocolError, SignatureError):
    """The identity of the user's own account is another one than this device knows."""

    sentence = "Your account's security keys have changed: approve this device again"


class InconsistentDeviceList(ClientError, ProtocolError):
    """The version of the server's device list is not that of its devices."""

    sentence = "The server's device list contradicts itself"


class StrangersListed(ClientError, ProtocolError):
    """The server's device list of a direct chat has the devices of others."""

    sentence = "The server lists somebody else's devices in this chat: nothing is sent"


@dataclass(eq=False)
class NoDeviceListed(ClientError, ProtocolError):
    """The server's device list lacks an account of the conversation."""

    sentence = "The server lists no device of {account}: nothing is sent"
    account: str


# --- approval and recovery ---------------------------------------------------------------------


class NoSuchDevice(ClientError, BadRequest):
    """No device of the account shows the code."""

    sentence = "None of your devices shows this code"


class DeviceUnreachable(ClientError, ProtocolError):
    """The device that is to be approved has no keys to encrypt for."""

    sentence = "The device cannot be reached: start it, and try again"


class NotApproved(ClientError, BadRequest):
    """Only an approved device can approve another."""

    sentence = "This device is not approved itself: use an approved one"


class NoKeptSecret(ClientError, BadRequest):
    """No secret from before its removal is valid: none is stored, or the account has another."""

    sentence = "This device has no saved secret that is still valid for your account"


class WrongRecoveryCode(ClientError, BadRequest):
    """The recovery code is not that of the account's current identity."""

    sentence = "This recovery code belongs to another account, or is no longer valid"


# --- verification ------------------------------------------------------------------------------


@dataclass(eq=False)
class NoKeys(ClientError, NotFound):
    """The account has no device that can encrypt, so no identity."""

    sentence = "{account} has no encryption-capable device yet"
    account: str


@dataclass(eq=False)
class VerificationRunning(ClientError, Conflict):
    """A verification with the account has begun already, and has to end first."""

    sentence = "A verification with {account} is running already"
    account: str


@dataclass(eq=False)
class NoVerification(ClientError, NotFound):
    """There is no verification with the account to cancel."""

    sentence = "There is no verification with {account}"
    account: str


@dataclass(eq=False)
class NothingToCompare(ClientError, NotFound):
    """No emoji of a verification with the account are shown."""

    sentence = "There is nothing to compare with {account}"
    account: str


# --- what the user asks for --------------------------------------------------------------------


class GuestsHaveNoKeys(ClientError, Forbidden):
    """The user is a guest: guests do not encrypt."""

    sentence = "Guests have no encryption keys: register your name first"


@dataclass(eq=False)
class GuestHasNoKeys(ClientError, NotFound):
    """The other user is a guest."""

    sentence = "{name} is a guest: guests have no encryption keys"
    name: str


class DeviceInUse(ClientError, Forbidden):
    """The device that the user wants to remove is this one."""

    sentence = "This is the device that you are using: log out instead"


@dataclass(eq=False)
class NothingChanged(ClientError, Conflict):
    """The identity that the user wants to accept is verified, and has not changed."""

    sentence = "Nothing has changed: {name} is verified"
    name: str
