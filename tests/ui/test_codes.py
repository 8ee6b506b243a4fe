"""A code that was read is taken for what it is, and nobody else's verifies anybody."""

import pytest

from messenger.crypto.accounts import Secret, approval_code
from messenger.crypto.devices import Device
from messenger.ui.codes import Code, device_mistake, kind_of, number_mistake

NUMBER = " ".join(f"{group:05d}" for group in range(12))
DEVICE = approval_code(Device("ann", "d1", "curve", "ed", b"{}"), bytes(range(10)))
RECOVERY = Secret("ann", bytes(range(20))).code()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (NUMBER, Code.NUMBER),
        (NUMBER.replace(" ", ""), Code.NUMBER),
        (NUMBER[:-1], Code.OTHER),
        ("٣" * 60, Code.OTHER),
        (DEVICE, Code.DEVICE),
        (DEVICE.lower().replace("-", " "), Code.DEVICE),
        (RECOVERY, Code.RECOVERY),
        (RECOVERY[:-1], Code.OTHER),
        ("jim://host:7777?invite=abc", Code.INVITATION),
        ("https://example.org", Code.OTHER),
        ("", Code.OTHER),
    ],
)
def test_each_code_is_recognised(text: str, kind: Code) -> None:
    assert kind_of(text) is kind


def test_the_same_number_verifies_however_it_is_spaced() -> None:
    assert number_mistake(NUMBER.replace(" ", "\n"), NUMBER, "bob") == ""
    assert number_mistake(NUMBER.replace(" ", ""), NUMBER, "bob") == ""


def test_another_number_is_a_warning_about_the_person() -> None:
    other = " ".join(reversed(NUMBER.split()))

    said = number_mistake(other, NUMBER, "bob")

    assert "bob is not verified" in said
    assert "intercepting" in said


@pytest.mark.parametrize("text", [DEVICE, RECOVERY, "jim://host", "nothing"])
def test_a_code_of_another_kind_is_named(text: str) -> None:
    assert "intercepting" not in number_mistake(text, NUMBER, "bob")


def test_only_a_device_shows_the_code_of_a_device() -> None:
    assert device_mistake(DEVICE) == ""
    assert "recovery code" in device_mistake(RECOVERY)
    assert "safety number" in device_mistake(NUMBER)
    assert "typing mistakes" in device_mistake(DEVICE[:-1])
