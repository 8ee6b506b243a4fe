"""The user's own devices in words: the same in every user interface."""

from messenger.language import N_, _
from messenger.output import visible
from messenger.sdk.verbs.devices import KnownDevice
from messenger.ui.wording import when

REMOVED = N_("The device is removed and logged out: it gets no new messages.")


def device_name(device: KnownDevice) -> str:
    """Return the name of a device: its computer's and its program's, or else its id."""
    names = [device.name, device.program]
    return " · ".join(visible(name) for name in names if name) or visible(device.device_id)


def device_approval(device: KnownDevice) -> str:
    """Return whether a device is approved."""
    return _("approved") if device.approved else _("not approved")


def device_notes(device: KnownDevice) -> list[str]:
    """Return what else is known about a device: whether it is this one, when it was last used."""
    notes = [_("this one")] if device.is_this else []
    if device.last_seen and not device.is_this:
        notes.append(_("last used {when}", when=when(device.last_seen)))
    return notes
