"""It is said who can read what is written, and for whom it is encrypted."""

import pytest

from messenger.sdk.store import ConversationSummary, IdentityTrust
from messenger.ui.conversation_security import Protection, security_of
from tests.ui.samples import row


@pytest.mark.parametrize(
    ("name", "found", "protection", "said"),
    [
        ("#all", None, Protection.NONE, "The server can read what you write here."),
        ("Ann", row("Ann", guest=True), Protection.NONE, "Not encrypted: a guest has no keys."),
        ("#кафе", row("#кафе", encrypted=True), Protection.ENCRYPTED, "the members of #кафе"),
        ("Ann", row("Ann", encrypted=True), Protection.ENCRYPTED, "Ann is not verified yet."),
        (
            "Ann",
            row("Ann", encrypted=True, trust=IdentityTrust.VERIFIED),
            Protection.VERIFIED,
            "only you and Ann can read it. Ann is verified.",
        ),
        (
            "Ann",
            row("Ann", encrypted=True, trust=IdentityTrust.CHANGED),
            Protection.CHANGED,
            "Ann's security keys have changed: nothing is sent",
        ),
    ],
)
def test_the_protection_is_said(
    name: str, found: ConversationSummary | None, protection: Protection, said: str
) -> None:
    security = security_of(name, found)

    assert security.protection is protection
    assert said in security.text
