"""Drafts, pins and mutes that an account's devices share through a real server."""

from collections.abc import Callable
from math import inf
from pathlib import Path

import msgspec
import pytest

from messenger.crypto.accounts import Secret
from messenger.jim.devices import BackUpKeys, RestoreKeys
from messenger.sdk import Client, Credentials, Store
from messenger.sdk.encryption.account_data import SharedAccountData, _name_of, is_account_data
from messenger.sdk.encryption.retries import Retries
from messenger.sdk.events import BackupOutdated, ConversationChanged
from messenger.sdk.store import ConversationSummary
from messenger.sdk.store.account_data import AccountData
from tests.running import RunningServer
from tests.sdk.person import Names, People, Person, told, wait
from tests.sdk.proxy import Frame, LyingProxy

BOB = "𠮷 a/b%41"
ONE_HOUR = 3600.0
LONG = "é" * 4000  # more bytes than fit into an entry of the backup


def of(client: Person, conversation: str = BOB) -> tuple[str, bool, float]:
    """Return what a client shows: the draft, whether it is pinned, and the end of its muting."""
    row = client.store.summary(conversation)
    return ("", False, 0.0) if row is None else (row.draft, row.pinned, row.muted_until)


def data_of(client: Person) -> SharedAccountData:
    return client.core.encryption.account_data


def ticks(client: Person) -> None:
    client._at_once(lambda: data_of(client).tick())


def is_shared(client: Person) -> bool:
    data = data_of(client)
    return data._is_begun and not (data._unshared or data._changed or data._sent)


def backup_of(client: Person) -> dict[str, str]:
    """Return the account data at the server, once this client has shared all of its own."""
    wait(lambda: is_shared(client))
    return client.ask(RestoreKeys(names=["account_data"])).keys


def secret_of(client: Person) -> Secret:
    secret = client.core.encryption.account.secret
    assert secret is not None
    return secret


def opened(client: Person) -> dict[str, AccountData]:
    """Return what a new device would learn from the backup."""
    found = [decoded(client, *one) for one in backup_of(client).items()]
    return {data.conversation: data for data in found}


def decoded(client: Person, name: str, encrypted: str) -> AccountData:
    return msgspec.json.decode(secret_of(client).decrypt(name, encrypted), type=AccountData)


@pytest.fixture
def pair(person: People, name: Names) -> tuple[Person, Person]:
    """Two approved devices of one account."""
    first = person(name("名前"))
    second = person(first.name, register=False)
    first.keys.approve(second.keys.approval_code)
    wait(lambda: data_of(first)._is_begun and data_of(second)._is_begun)
    return first, second


def test_what_is_set_on_one_device_is_set_on_the_other_and_reported(
    pair: tuple[Person, Person],
) -> None:
    first, second = pair
    changed = told(second, ConversationChanged)

    first.pin(BOB)
    first.mute(BOB, 4e9)
    first.set_draft(BOB, "привет 😀")
    first.share_drafts()

    wait(lambda: of(second) == ("привет 😀", True, 4e9))
    wait(lambda: ConversationChanged(BOB) in changed)
    second.mute(BOB)
    second.pin(BOB, pinned=False)
    wait(lambda: of(first) == ("привет 😀", False, inf))
    first.mute(BOB, 0)
    wait(lambda: of(second) == ("привет 😀", False, 0))


def test_a_sent_message_takes_the_place_of_the_draft_on_all_devices(
    pair: tuple[Person, Person],
) -> None:
    first, second = pair
    for conversation in ("#all", BOB):
        first.set_draft(conversation, "half of it")
    first.share_drafts()
    wait(lambda: of(second, BOB) == of(second, "#all") == ("half of it", False, 0))

    second.send_text(BOB, "something else", keep_draft=True)
    second.send_text("#all", "half of it, and the rest")

    wait(lambda: of(first, "#all")[0] == "")
    assert of(first)[0] == of(second)[0] == "half of it"


def test_a_draft_is_shared_when_its_user_pauses_and_not_at_each_key(
    pair: tuple[Person, Person],
) -> None:
    first, second = pair
    before = backup_of(first)
    first.set_draft(BOB, "h")
    ticks(first)
    first.set_draft(BOB, "he")
    ticks(first)
    assert backup_of(first) == before

    ticks(first)

    wait(lambda: of(second)[0] == "he")


def test_a_draft_that_was_typed_and_sent_at_once_costs_no_request(
    pair: tuple[Person, Person],
) -> None:
    first, _ = pair
    before = backup_of(first)
    first.set_draft("#all", "quick")
    first.send_text("#all", "quick")
    ticks(first)
    ticks(first)
    assert backup_of(first) == before
    assert of(first, "#all") == ("", False, 0)


def test_what_is_set_offline_is_shared_once_online(
    person: People, pair: tuple[Person, Person]
) -> None:
    first, second = pair
    first.pin(BOB)
    wait(lambda: of(second)[1])
    second.close()
    second.mute(BOB, 4e9)
    second.set_draft(BOB, "written in a tunnel")
    first.pin(BOB, pinned=False)
    backup_of(first)
    assert of(second) == ("written in a tunnel", True, 4e9)

    again = person(first.name, store=second.store, register=False)

    wait(lambda: of(again) == of(first) == ("written in a tunnel", False, 4e9))


def test_a_newly_approved_device_gets_all_of_it_without_an_alarm(
    person: People, pair: tuple[Person, Person]
) -> None:
    first, second = pair
    for number in range(60):  # More than fit into one request.
        first.pin(f"#{number} комната")
    first.set_draft(BOB, "draft")
    first.share_drafts()
    backup_of(first)

    third = person(first.name, register=False)
    outdated = told(third, BackupOutdated)
    assert of(third) == ("", False, 0)
    second.keys.approve(third.keys.approval_code)

    wait(lambda: of(third) == ("draft", False, 0))
    wait(lambda: all(of(third, f"#{number} комната")[1] for number in range(60)))
    assert not outdated


def test_a_draft_too_long_for_the_backup_stays_on_its_device(pair: tuple[Person, Person]) -> None:
    first, second = pair
    first.set_draft(BOB, "short")
    first.share_drafts()
    wait(lambda: of(second)[0] == "short")

    first.set_draft(BOB, LONG)
    first.share_drafts()
    first.pin(BOB)

    wait(lambda: of(second)[1])
    assert of(second)[0] == "short"
    assert of(first)[0] == LONG
    second.mute(BOB)
    wait(lambda: of(first)[2] == inf)
    assert of(first)[0] == LONG


def test_the_server_learns_no_name_no_text_and_no_exact_length(pair: tuple[Person, Person]) -> None:
    first, _ = pair
    lengths = set()
    for draft in ("y", "", "x" * 60):
        first.set_draft(BOB, draft)
        first.share_drafts()
        ((name, encrypted),) = backup_of(first).items()
        lengths.add(len(encrypted))
        assert is_account_data(name)
        assert len(name) <= 64
        assert BOB not in name
        assert "x" * 60 not in encrypted
    assert len(lengths) == 1


# --- lies and attacks -----------------------------------------------------------------------------


def showing(entries: Callable[[dict[str, str]], dict[str, str]]) -> Callable[[Frame], list[Frame]]:
    """Have the server change the account data that it presents."""

    def lie(frame: Frame) -> list[Frame]:
        keys = frame.get("keys")
        if not isinstance(keys, dict):
            return [frame]
        others = {name: one for name, one in keys.items() if not is_account_data(name)}
        return [{**frame, "keys": others | entries(keys)}]

    return lie


@pytest.mark.parametrize("kind", ["replayed", "withheld", "swapped", "garbled"])
def test_no_lie_about_the_backup_takes_anything_back(
    person: People, liar: LyingProxy, name: Names, kind: str
) -> None:
    first = person(name("Анна"), liar.port)
    outdated = told(first, BackupOutdated)
    first.set_draft(BOB, "old")
    first.mute("#all")
    first.share_drafts()
    old = backup_of(first)
    first.set_draft(BOB, "new")
    first.pin("#all")
    first.share_drafts()
    new = backup_of(first)
    lies = {
        "replayed": old,
        "withheld": {},
        "swapped": dict(zip(new, reversed(new.values()), strict=True)),
        "garbled": {one: encrypted[:-8] + "AAAAAAA=" for one, encrypted in new.items()},
    }
    liar.lie = showing(lambda _: lies[kind])
    first.close()
    again = person(first.name, liar.port, store=first.store, register=False)
    wait(lambda: is_shared(again))
    liar.say({"action": "backup", "names": list(new)})
    wait(lambda: is_shared(again) and not data_of(again)._outdated)

    assert of(again) == ("new", False, 0)
    assert of(again, "#all") == ("", True, inf)
    assert not outdated
    # Whatever a server has lost is there again for a device that is approved later.
    liar.lie = lambda frame: [frame]
    assert {one.draft.value for one in opened(again).values()} == {"new", ""}


def test_an_announcement_without_end_is_fetched_in_few_requests(
    person: People, liar: LyingProxy, name: Names
) -> None:
    first = person(name("Анна"), liar.port)
    backup_of(first)
    count = len(liar.overheard)

    for number in range(300):
        liar.say({"action": "backup", "names": [f"account_data {number} {n}" for n in range(90)]})
    liar.say({"action": "backup", "names": ["another entry"]})
    first.pin(BOB)
    backup_of(first)

    wait(lambda: not (data_of(first)._is_fetching or data_of(first)._outdated))
    requests = [one for one in liar.overheard[count:] if one["action"] == "restore"]
    assert all(len(one["names"]) <= 100 for one in requests)
    assert of(first) == ("", True, 0)


def test_a_refused_backup_is_tried_again_later_and_loses_nothing(
    person: People, liar: LyingProxy, name: Names
) -> None:
    first = person(name("Анна"), liar.port)
    backup_of(first)
    refused: list[Frame] = []

    def refuse(frame: Frame) -> list[Frame]:
        if frame.get("announce"):
            refused.append(frame)
            # The server itself refuses it: an answer of ours might come before earlier ones.
            return [frame | {"keys": dict.fromkeys(frame["keys"], "x" * 100_000)}]
        return [frame]

    liar.hear = refuse
    data_of(first)._retries = Retries(ONE_HOUR, ONE_HOUR)  # Not while the test looks.
    first.pin(BOB)
    wait(lambda: refused and data_of(first)._sent is None and data_of(first)._unshared == {BOB})
    first.mute(BOB)
    assert data_of(first)._unshared == {BOB}

    liar.hear = lambda frame: [frame]
    data_of(first)._retries.forget()
    ticks(first)

    assert opened(first)[BOB].pinned.value
    assert opened(first)[BOB].muted_until.value == -1


def test_an_unapproved_device_neither_reads_nor_forges_anything(
    person: People, name: Names
) -> None:
    first = person(name("Анна"))
    first.set_draft(BOB, "only for my own devices")
    first.share_drafts()
    shared = backup_of(first)
    thief = person(first.name, register=False)
    forged = Secret(first.name)
    entry = forged.encrypt(_name_of(BOB, forged), b'{"conversation": "#all"}')

    thief.pin(BOB)
    thief.set_draft(BOB, "forged")
    thief.share_drafts()
    ((name_of_entry, encrypted),) = thief.ask(RestoreKeys(names=["account_data"])).keys.items()
    assert {name_of_entry: encrypted} == shared
    made_up = {name_of_entry: entry, _name_of(BOB, forged): entry}
    thief.ask(BackUpKeys(keys=made_up, announce=True))
    first.mute("#all")

    wait(lambda: is_shared(first))
    assert of(thief) == ("forged", True, 0)
    assert of(first) == ("only for my own devices", False, 0)
    # At the next connection the entry that cannot be decrypted is replaced.
    first.close()
    again = person(first.name, store=first.store, register=False)
    found = backup_of(again)
    assert decoded(again, name_of_entry, found[name_of_entry]).draft.value == of(first)[0]


def test_a_new_secret_shares_everything_anew(person: People, name: Names) -> None:
    first = person(name("Анна"))
    first.pin(BOB)
    first.set_draft(BOB, "draft")
    first.share_drafts()
    before = backup_of(first)

    first.keys.reset()

    wait(lambda: is_shared(first))
    after = backup_of(first)
    assert after.keys().isdisjoint(before)
    assert opened(first)[BOB].draft.value == "draft"
    assert opened(first)[BOB].draft.number == 1


# --- without an account -------------------------------------------------------------------------


def test_a_guest_keeps_it_on_this_device_across_restarts(
    one_server: RunningServer, name: Names, tmp_path: Path
) -> None:
    store = Store(tmp_path / "guest.db")
    client = Client("127.0.0.1", one_server.port, Credentials(name("guest")), store)
    client.start()
    assert client.wait_until_online(60)
    client.pin("#all")
    client.set_draft("#all", "draft")
    client.share_drafts()
    client.close()
    store.close()

    again = Store(tmp_path / "guest.db")
    row = again.summary("#all")
    again.close()
    assert isinstance(row, ConversationSummary)
    assert (row.draft, row.pinned) == ("draft", True)
