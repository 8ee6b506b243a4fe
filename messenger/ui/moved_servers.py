"""A server that has another address now: the profile of its user goes on there."""

from typing import TYPE_CHECKING

from messenger.language import _
from messenger.sdk.invitation import DEFAULT_PORT
from messenger.sdk.profiles import Profile, Profiles
from messenger.ui.prompts import Prompter
from messenger.ui.wording import server_name

if TYPE_CHECKING:
    from messenger.ui.profile_choice import Start


def follow(start: "Start", profiles: Profiles, prompter: Prompter) -> Profile | None:
    """Return a profile whose server has moved to the address of this start, as its user says.

    Without that the user would be there with a new device, which can read nothing of what was
    written before. A profile that has used TLS knows the key of its server: no other one gets its
    login. Without TLS, which is for servers of this machine, the user's word has to do.
    """
    if start.address is None or start.invite or start.register or start.guest:
        return None
    if not (start.talks and prompter.may_ask):
        return None
    address, port = start.address, start.port or DEFAULT_PORT
    for profile in _elsewhere(start, profiles, port):
        record = profile.record
        assert record is not None
        question = _(
            "Has the server of {name} moved from {before} to {now}?",
            name=record.account,
            before=server_name(record.address, record.port),
            now=server_name(address, port),
        )
        if prompter.agrees(question):
            profile.move(address, port)
            return profile
    return None


def _elsewhere(start: "Start", profiles: Profiles, port: int) -> list[Profile]:
    """Return the profiles of accounts that may be meant; none if one is at that address."""
    if start.profile is None:
        if profiles.last(start.address, port, start.name) is not None:
            return []
        found = profiles.confirmed()
    else:
        found = [profiles.named(start.profile)]
    return [profile for profile in found if _may_be_meant(profile, start, port)]


def _may_be_meant(profile: Profile, start: "Start", port: int) -> bool:
    record = profile.record
    if record is None or not (record.confirmed and record.registered):
        return False
    # With the name of a profile an address without a port means any port of it.
    there = ((start.address, start.port or record.port), (start.address, port))
    return start.name in (None, record.account) and (record.address, record.port) not in there
