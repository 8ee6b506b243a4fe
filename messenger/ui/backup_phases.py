"""The words for what is being done to a backup."""

from messenger.language import N_, _

_PHASES = {
    "copying": N_("Copying"),
    "checking": N_("Checking"),
    "packing": N_("Packing"),
    "unpacking": N_("Unpacking"),
    "writing": N_("Writing"),
    "comparing": N_("Comparing"),
}


def phase_words(phase: str) -> str:
    """Return the words for a phase; that of a newer server stays as it is."""
    return _(_PHASES[phase]) if phase in _PHASES else phase
