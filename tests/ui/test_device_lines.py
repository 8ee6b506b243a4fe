"""A device is called what its owner knows it as."""

from messenger.sdk.verbs.devices import KnownDevice
from messenger.ui.device_lines import device_approval, device_name, device_notes

DEVICE = KnownDevice("d1", "key", approved=True, name="laptop", program="messenger", last_seen=0.5)


def test_a_device_has_its_computers_name_or_its_id() -> None:
    assert device_name(DEVICE) == "laptop · messenger"
    assert device_name(DEVICE._replace(name="", program="")) == "d1"


def test_it_is_said_which_one_this_is_and_when_others_were_used() -> None:
    assert device_approval(DEVICE) == "approved"
    assert device_notes(DEVICE._replace(is_this=True)) == ["this one"]
    assert device_notes(DEVICE)[0].startswith("last used")
    assert device_notes(DEVICE._replace(last_seen=None)) == []
