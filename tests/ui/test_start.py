"""A start finds the profile that is meant, or makes one; and opens it for one program only."""

from collections.abc import Callable
from pathlib import Path

import pytest

from messenger.sdk.credentials import Credentials
from messenger.sdk.events import ConnectionState, StateChanged
from messenger.sdk.login import TOKEN
from messenger.sdk.profiles import Profile, Profiles
from messenger.ui.first_run import Newcomer
from messenger.ui.profile_choice import (
    BadName,
    Chosen,
    NoServer,
    Start,
    Suggestions,
    add_profile,
    choose_profile,
    with_server,
)
from messenger.ui.prompts import Cancelled, NoLogin
from messenger.ui.start import AlreadyOpen, credentials_for, open_client
from tests.ui.answers import Answering

HOST = "münchen.example"
NAMES = ("Иван", "名前", "a/b%41", "Dave Smith", "𝕯" * 25)


def begin(data: Path, user: Answering | None = None, **more: object) -> Chosen:
    start = Start(data=data, **more)  # type: ignore[arg-type]  # the test knows the fields
    chosen = choose_profile(start, user or Answering(may_ask=False))
    assert chosen is not None
    return chosen


def known(data: Path, name: str = "Иван", address: str = HOST) -> Profile:
    """Return the profile of somebody who has been there."""
    profile, record = begin(data, address=address, port=7800, name=name)
    record.confirmed = True
    profile.save()
    return profile


def registered(data: Path) -> Profile:
    """Return the profile of somebody who has an account there."""
    profile = known(data)
    profile.confirm(registered=True)
    return profile


# --- whose it is -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_somebody_new_gets_a_profile(tmp_path: Path, name: str) -> None:
    _profile, record = begin(tmp_path, address=HOST, port=7800, name=name)

    assert (record.account, record.address, record.port) == (name, HOST, 7800)


def test_the_last_profile_is_meant_where_nothing_is_said(tmp_path: Path) -> None:
    known(tmp_path, "Иван")
    last = known(tmp_path, "名前")

    assert begin(tmp_path)[0].directory == last.directory


def test_a_name_means_the_profile_of_that_name(tmp_path: Path) -> None:
    ivan = known(tmp_path, "Иван")
    known(tmp_path, "名前")

    assert begin(tmp_path, name="Иван")[0].directory == ivan.directory


def test_whoever_says_nothing_and_is_new_has_to_say_where_the_server_is(tmp_path: Path) -> None:
    with pytest.raises(NoServer):
        begin(tmp_path)


def test_a_new_user_is_asked_for_the_name(tmp_path: Path) -> None:
    _profile, record = begin(tmp_path, Answering(["名前"]), address=HOST)

    assert record.account == "名前"


def test_a_program_is_not_asked_for_its_name(tmp_path: Path) -> None:
    user = Answering(["名前"])

    begin(tmp_path, user, address=HOST, talks=False)

    assert user.asked == []


def test_a_name_that_nobody_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadName):
        begin(tmp_path, address=HOST, name="#room")


def test_a_profile_is_not_taken_for_another_account(tmp_path: Path) -> None:
    _profile, record = begin(tmp_path, address=HOST, name="Иван", profile="a/b%41")
    record.confirmed = True
    _profile.save()

    with pytest.raises(NoLogin, match="belongs to Иван on"):
        begin(tmp_path, name="名前", profile="a/b%41")


def test_a_profile_follows_its_server_to_another_address(tmp_path: Path) -> None:
    profile = registered(tmp_path)
    user = Answering(agrees=True)

    found, record = begin(tmp_path, user, address=HOST, port=7801)

    assert found.directory == profile.directory
    assert (record.account, record.address, record.port) == ("Иван", HOST, 7801)
    assert user.asked == [f"Has the server of Иван moved from {HOST}:7800 to {HOST}:7801?"]
    # Only a login there is the proof: until then the next start asks again.
    assert begin(tmp_path, address=HOST, port=7800)[0].directory == profile.directory
    found.confirm(registered=True)
    again = Answering(agrees=False)
    assert begin(tmp_path, again, address=HOST, port=7801)[0].directory == profile.directory
    assert again.asked == []


def test_a_named_profile_follows_its_server(tmp_path: Path) -> None:
    profile = registered(tmp_path)
    there: dict[str, object] = {"profile": profile.name, "address": "other.example"}

    with pytest.raises(NoLogin, match="belongs to Иван"):
        begin(tmp_path, Answering(agrees=False), **there)
    found, record = begin(tmp_path, Answering(agrees=True), **there)

    assert found.directory == profile.directory
    assert (record.address, record.port) == ("other.example", 7777)


def test_another_server_is_no_moved_one(tmp_path: Path) -> None:
    profile = registered(tmp_path)
    there: dict[str, object] = {"address": "other.example", "port": 7800, "name": "Иван"}

    for user, more in (
        (Answering(agrees=False), {}),
        (Answering(agrees=True), {"register": True}),
        (Answering(agrees=True), {"guest": True}),
        (Answering(agrees=True), {"invite": "token"}),
        (Answering(agrees=True), {"talks": False}),
        (Answering(agrees=True, may_ask=False), {}),
        (Answering(agrees=True), {"name": "名前"}),
    ):
        assert begin(tmp_path, user, **{**there, **more})[0].directory != profile.directory


def test_the_old_address_of_a_moved_server_has_a_profile_of_its_own(tmp_path: Path) -> None:
    profile = registered(tmp_path)
    moved, _record = begin(tmp_path, Answering(agrees=True), address=HOST, port=7801)
    moved.confirm(registered=True)

    found, record = begin(tmp_path, address=HOST, port=7800, name="Иван")

    assert found.directory != profile.directory
    assert (record.address, record.port) == (HOST, 7800)


def test_a_first_login_that_failed_does_not_stick(tmp_path: Path) -> None:
    begin(tmp_path, address=HOST, name="Иван")

    _profile, record = begin(tmp_path, Answering(["名前"]), address=HOST)

    assert record.account == "名前"


def test_an_invitation_says_more_than_where_the_server_is() -> None:
    key = "0" * 64
    user = Answering([f"jim://host:7000?invite=abc&key={key}"])

    start = with_server(Start(name="Иван"), user)

    assert (start.address, start.port, start.invite, start.fingerprint) == (
        "host", 7000, "abc", key,
    )  # fmt: skip


def test_a_server_that_makes_no_sense_is_asked_for_again() -> None:
    user = Answering(["host:many", "host:7000"])

    assert with_server(Start(), user).port == 7000
    assert len(user.heard) == 1


# --- the form ----------------------------------------------------------------------------------


def form_of(newcomer: Newcomer | None, seen: list[Suggestions]) -> Callable[..., Newcomer | None]:
    def ask(
        _try: Callable[[Newcomer], StateChanged | None], suggestions: Suggestions
    ) -> Newcomer | None:
        seen.append(suggestions)
        return newcomer

    return ask


def test_a_form_asks_somebody_new_and_suggests_what_is_known(tmp_path: Path) -> None:
    seen: list[Suggestions] = []
    user = Answering()
    newcomer = Newcomer(HOST, 7800, Credentials("名前", "a long password"))
    start = Start(HOST, 7777, "Иван", data=tmp_path, invite="abc")

    chosen = choose_profile(start, user, form_of(newcomer, seen))

    assert chosen is not None
    assert (chosen[1].account, chosen[1].confirmed) == ("名前", True)
    assert chosen[1].ask_password  # it is kept nowhere
    assert user.has_asked
    assert seen[0].server == f"jim://{HOST}:7777?invite=abc"
    assert (seen[0].name, seen[0].is_named) == ("Иван", True)


def test_whoever_leaves_the_form_has_no_profile(tmp_path: Path) -> None:
    start = Start(data=tmp_path)

    assert choose_profile(start, Answering(), form_of(None, [])) is None
    assert Profiles(tmp_path).last() is None


def test_a_form_for_an_account_that_is_here_keeps_its_data(tmp_path: Path) -> None:
    """Its messages stay, and it logs in as the device that it is: without a trial as another."""
    profile = known(tmp_path, "名前")
    store = profile.open_store()
    store.put("mark", "kept")
    store.close()
    entered = Credentials("名前", "a long password")
    user = Answering()

    def form(
        attempt: Callable[[Newcomer], StateChanged | None], _suggestions: Suggestions
    ) -> Newcomer:
        newcomer = Newcomer(HOST, 7800, entered)
        assert attempt(newcomer) is None  # No server is at this address.
        return newcomer

    chosen = add_profile(Start(data=tmp_path), user, form)

    assert chosen is not None
    found, record = chosen
    assert found.directory == profile.directory
    assert credentials_for(Start(), record, found, user) == entered
    store = found.open_store()
    assert store.get("mark") == "kept"
    store.close()


def test_a_form_knows_whether_the_name_is_an_account(tmp_path: Path) -> None:
    seen: list[Suggestions] = []
    start = Start(HOST, 7800, "名前", data=tmp_path)

    add_profile(start, Answering(), form_of(None, seen))
    known(tmp_path, "名前").confirm(registered=True)
    add_profile(start, Answering(), form_of(None, seen))

    assert [one.has_account for one in seen] == [False, True]


def test_who_begins_anew_is_nobody_known() -> None:
    user = Answering(["of the backup"], password="given")
    user.entered = Credentials("名前", "a long password")
    user.passphrase_of_backup()

    user.begin_anew()

    assert (user.given, user.entered, user.has_asked) == (None, None, False)
    with pytest.raises(Cancelled):
        user.passphrase_of_backup()


def test_a_form_is_not_shown_to_whom_nothing_is_to_be_asked(tmp_path: Path) -> None:
    seen: list[Suggestions] = []
    start = Start(HOST, 7800, "Иван", data=tmp_path, guest=True)

    assert choose_profile(start, Answering(), form_of(None, seen)) is not None
    known(tmp_path)
    assert choose_profile(Start(data=tmp_path), Answering(), form_of(None, seen)) is not None

    assert seen == []


# --- the login ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "user", "credentials"),
    [
        (Start(guest=True), Answering(password="of others"), Credentials("Иван")),
        (Start(), Answering(password="given"), Credentials("Иван", "given")),
        (Start(), Answering(["typed"]), Credentials("Иван", "typed")),
        (Start(), Answering([""]), Credentials("Иван")),
        (Start(talks=False), Answering(["typed"]), Credentials("Иван")),
        (
            Start(register=True),
            Answering(password="given"),
            Credentials("Иван", "given", register=True),
        ),
        (
            Start(invite="abc"),
            Answering(password="given"),
            Credentials("Иван", "given", register=True, invite="abc"),
        ),
        (
            Start(reset_code="ABCD"),
            Answering(["a new password", "a new password"]),
            Credentials("Иван", "a new password", reset_code="ABCD"),
        ),
    ],
)
def test_somebody_new_logs_in_as_they_have_said(
    tmp_path: Path, start: Start, user: Answering, credentials: Credentials
) -> None:
    profile, record = begin(tmp_path, address=HOST, name="Иван")

    assert credentials_for(start, record, profile, user) == credentials


@pytest.mark.parametrize("was_registered", [True, False])
def test_an_account_is_made_once_perhaps_by_somebody_who_was_a_guest(
    tmp_path: Path, was_registered: bool
) -> None:
    profile = known(tmp_path)
    profile.confirm(registered=was_registered)
    record = profile.record
    assert record is not None

    found = credentials_for(Start(register=True), record, profile, Answering(password="given"))

    assert found.register is not was_registered


# --- opening -----------------------------------------------------------------------------------


def test_one_window_at_a_time_has_a_profile_open(tmp_path: Path) -> None:
    start, user = Start(address=HOST, name="Иван", guest=True, data=tmp_path), Answering()
    profile, record = begin(tmp_path, address=HOST, name="Иван")
    beside = Profile(profile.directory)

    with open_client(start, profile, record, user) as client:
        assert client.address == HOST
        assert client.core.state is ConnectionState.OFFLINE  # it is started by whoever shows it
        with pytest.raises(AlreadyOpen), open_client(start, beside, record, Answering()):
            pass

    with open_client(start, beside, record, Answering()):
        pass


def test_a_program_opens_a_profile_beside_a_window(tmp_path: Path) -> None:
    start = Start(address=HOST, name="Иван", guest=True, data=tmp_path)
    profile, record = begin(tmp_path, address=HOST, name="Иван")

    with (
        open_client(start, profile, record, Answering()) as window,
        open_client(
            start._replace(talks=False), Profile(profile.directory), record, Answering()
        ) as pipe,
    ):
        window.send_text("#all", "kept in the window's database")
        assert pipe.store.page("#all") == []


def test_a_login_is_not_kept_where_the_password_is_asked_for_each_time(tmp_path: Path) -> None:
    start = Start(address=HOST, name="Иван", guest=True, data=tmp_path)
    profile, record = begin(tmp_path, address=HOST, name="Иван")
    record.ask_password = True

    with open_client(start, profile, record, Answering()) as client:
        client.store.put(TOKEN, "token")
    record.ask_password = False

    with open_client(start, profile, record, Answering()) as client:
        assert client.store.get(TOKEN) is None


def test_what_fails_inside_closes_everything(tmp_path: Path) -> None:
    start = Start(address=HOST, name="Иван", guest=True, data=tmp_path)
    profile, record = begin(tmp_path, address=HOST, name="Иван")

    with pytest.raises(KeyboardInterrupt), open_client(start, profile, record, Answering()):
        raise KeyboardInterrupt

    assert Profile(profile.directory).claim()
