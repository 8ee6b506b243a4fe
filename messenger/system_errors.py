"""What the operating system says about its errors, as a phrase that can be translated."""

from messenger.language import N_, Phrase

REASONS = (
    N_("Address already in use"),
    N_("Broken pipe"),
    N_("Cannot allocate memory"),
    N_("Cannot assign requested address"),
    N_("Connection refused"),
    N_("Connection reset by peer"),
    N_("Connection timed out"),
    N_("Device or resource busy"),
    N_("Directory not empty"),
    N_("Disk quota exceeded"),
    N_("File exists"),
    N_("File name too long"),
    N_("File too large"),
    N_("Host is down"),
    N_("Input/output error"),
    N_("Invalid argument"),
    N_("Invalid cross-device link"),
    N_("Is a directory"),
    N_("Name or service not known"),
    N_("Network is down"),
    N_("Network is unreachable"),
    N_("No address associated with hostname"),
    N_("No route to host"),
    N_("No space left on device"),
    N_("No such device or address"),
    N_("No such file or directory"),
    N_("Not a directory"),
    N_("Operation not permitted"),
    N_("Operation not supported"),
    N_("Permission denied"),
    N_("Read-only file system"),
    N_("Resource temporarily unavailable"),
    N_("Software caused connection abort"),
    N_("Stale file handle"),
    N_("Temporary failure in name resolution"),
    N_("Too many levels of symbolic links"),
    N_("Too many open files"),
    N_("Too many open files in system"),
    N_("timed out"),
)
"""The texts of the errors that users meet, as systems and Python write them in English."""


def reason_of(error: BaseException | None) -> Phrase:
    """Return in one line what is wrong, without the number and the file that `str` would add.

    It is in English; `language.say` translates it, with the text into which it is filled.
    """
    if error is None:
        return Phrase("unknown error")
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    in_a_line = " ".join(str(said).split())
    return Phrase(in_a_line)
