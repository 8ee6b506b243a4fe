"""Lies in a server's replies: about devices and keys, backups, conversations and itself."""

import copy
import random

from messenger.crypto.accounts import Secret
from tests.sdk.liar import Liar, Lie, garbled, names_of
from tests.sdk.proxy import Frame
from tests.sdk.spy import version_of_list

# --- device lists, and the keys of devices --------------------------------------------------------


def _some_account(liar: Liar, listed: Frame) -> str:
    return random.choice([account for account, _device_id in names_of(listed)] or liar.people)


def _without(listed: Frame, account: str, *keys: str) -> None:
    for key in keys:
        listed[key] = [one for one in listed.get(key, ()) if one["account_name"] != account]


def device_left_out(liar: Liar, listed: Frame) -> list[Frame]:
    if listed["devices"]:
        listed["devices"].pop(random.randrange(len(listed["devices"])))
    return [listed]


def account_left_out(liar: Liar, listed: Frame) -> list[Frame]:
    _without(listed, _some_account(liar, listed), "devices", "identities")
    return [listed]


def identity_left_out(liar: Liar, listed: Frame) -> list[Frame]:
    _without(listed, _some_account(liar, listed), "identities")
    return [listed]


def another_identity(liar: Liar, listed: Frame) -> list[Frame]:
    account = _some_account(liar, listed)
    _without(listed, account, "identities")
    return _with_identity(listed, account)


def identity_of_a_stranger(liar: Liar, listed: Frame) -> list[Frame]:
    return _with_identity(listed, "a stranger")


def _with_identity(listed: Frame, account: str) -> list[Frame]:
    made_up = {"account_name": account, "identity": Secret(account).published()}
    listed["identities"] = [*listed.get("identities", ()), made_up]
    return [listed]


def said_to_be_plain(liar: Liar, listed: Frame) -> list[Frame]:
    account = _some_account(liar, listed)
    _without(listed, account, "devices", "identities")
    listed["plain"] = [account]
    return [listed]


def plain_somebody_else(liar: Liar, listed: Frame) -> list[Frame]:
    listed["plain"] = ["a guest"]
    return [listed]


def garbled_device(liar: Liar, listed: Frame) -> list[Frame]:
    if listed["devices"]:
        device = random.choice(listed["devices"])
        device["keys"]["device_id"] = garbled(device["device"])
    return [listed]


def earlier_list(liar: Liar, listed: Frame) -> list[Frame]:
    where = listed["conversation"]
    same = [one for one in liar.before["list"] if one["conversation"] == where]
    earlier = copy.deepcopy(random.choice(same or [listed]))
    keys = ("version", "devices", "identities", "plain")
    return [{**listed, **{key: earlier[key] for key in keys if key in earlier}}]


def list_of_another_conversation(liar: Liar, listed: Frame) -> list[Frame]:
    earlier = liar.earlier("list")
    return earlier_list(liar, {**listed, **earlier, "id": listed["id"]} if earlier else listed)


def with_its_version(lie: Lie) -> Lie:
    """Give a false device list the version that fits it."""

    def tell(liar: Liar, listed: Frame) -> list[Frame]:
        told = lie(liar, listed)
        for one in told:
            try:
                one["version"] = version_of_list(one)
            except ValueError:
                one["version"] = "contradicts itself"
        return told

    return tell


def other_changes(liar: Liar, changes: Frame) -> list[Frame]:
    return [{**changes, random.choice(("plain", "removed", "added")): []}]


def plain_by_changes(liar: Liar, changes: Frame) -> list[Frame]:
    return [{**changes, "plain": ["a guest"]}]


def garbled_claim(liar: Liar, claimed: Frame) -> list[Frame]:
    for one in claimed["keys"]:
        one["key"]["key"] = garbled(one["key"]["key"])
    return [claimed]


def claim_left_out(liar: Liar, claimed: Frame) -> list[Frame]:
    return [{**claimed, "keys": []}]


def earlier_claim(liar: Liar, claimed: Frame) -> list[Frame]:
    """The same one-time key twice, and keys of other devices."""
    earlier = liar.earlier("claimed")
    return [{**claimed, "keys": earlier["keys"]} if earlier else claimed]


# --- backups, and the server's word about itself and conversations --------------------------------


def backup_left_out(liar: Liar, backup: Frame) -> list[Frame]:
    return [{**backup, "keys": {}}]


def garbled_backup(liar: Liar, backup: Frame) -> list[Frame]:
    keys = {name: garbled(encrypted) for name, encrypted in backup["keys"].items()}
    return [{**backup, "keys": keys}]


def earlier_backup(liar: Liar, backup: Frame) -> list[Frame]:
    earlier = liar.earlier("backup")
    return [{**backup, "keys": earlier["keys"]} if earlier else backup]


def other_flags(liar: Liar, listed: Frame) -> list[Frame]:
    flag, value = random.choice(("encrypted", "history", "guest")), random.choice((False, True))
    return [_all_summaries(listed, **{flag: value})]


def other_last_numbers(liar: Liar, listed: Frame) -> list[Frame]:
    return [_all_summaries(listed, last=random.choice((0, 1, 3, 50)))]


def _all_summaries(listed: Frame, **said: object) -> Frame:
    return {**listed, "conversations": [{**one, **said} for one in listed["conversations"]]}


def of_no_features(liar: Liar, welcome: Frame) -> list[Frame]:
    return [{**welcome, "features": []}]


def of_the_reference(liar: Liar, welcome: Frame) -> list[Frame]:
    return [{key: welcome[key] for key in welcome if key != "jim"}]


def to_a_guest(liar: Liar, welcome: Frame) -> list[Frame]:
    return [{**welcome, "guest": True}]


def other_published_identity(liar: Liar, published: Frame) -> list[Frame]:
    found = published.get("identity")
    name = random.choice(liar.people)
    other = random.choice((None, Secret(name).published()))
    return [{**published, "identity": other} if found else published]


def other_published_keys(liar: Liar, published: Frame) -> list[Frame]:
    return [{**published, "one_time_keys": random.choice(([], ["another"]))}]


REPLY_LIES: dict[str, tuple[Lie, ...]] = {
    "list": (
        device_left_out,
        account_left_out,
        identity_left_out,
        another_identity,
        identity_of_a_stranger,
        said_to_be_plain,
        plain_somebody_else,
        garbled_device,
        earlier_list,
        list_of_another_conversation,
    ),
    "changes": (other_changes, plain_by_changes),
    "claimed": (garbled_claim, claim_left_out, earlier_claim),
    "backup": (backup_left_out, garbled_backup, earlier_backup),
    "summaries": (other_flags, other_last_numbers),
    "welcome": (of_no_features, of_the_reference, to_a_guest),
    "published": (other_published_identity, other_published_keys),
}
"""By the kind of object that each lie is told of."""
