"""What a user is told on a device that was removed."""

from messenger.console.talk import explain
from messenger.sdk.events import ApprovalNeeded


def test_what_a_removed_device_has_kept_is_offered_only_where_it_is_worth_something() -> None:
    assert "/recover kept" in explain(ApprovalNeeded("CODE", keeps_secret=True))
    assert "/recover kept" not in explain(ApprovalNeeded("CODE"))
