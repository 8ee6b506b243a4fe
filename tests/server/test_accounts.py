"""Registration, login, tokens, passwords, guests."""

import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, update

from messenger.server.store.schema import accounts
from tests.forking import run
from tests.running import PASSWORD, RunningServer, Talker, understanding

Talkers = Callable[..., Talker]
Names = Callable[[str], str]
Servers = Callable[..., RunningServer]


def test_a_registered_user_logs_in_on_the_same_connection(talker: Talkers, name: Names) -> None:
    link = talker()

    assert link.register(name("ann"))["response"] == 201
    assert link.log_in(name("ann"))["response"] == 200


def test_a_taken_name_is_refused_whatever_its_case(talker: Talkers, name: Names) -> None:
    talker().register(name("ann"))

    assert talker().register(name("Ann"))["response"] == 409
    assert talker().register(name("ＡＮＮ"))["response"] == 409


@pytest.mark.parametrize(
    "wrong", ["", " ann", "#ann", "a" * 26, "a\nb", "a\u202eb", "a\x00", "\ud83d"]
)
def test_an_invalid_name_is_refused_with_the_reason(talker: Talkers, wrong: str) -> None:
    answer = talker().register(wrong)

    assert answer["response"] == 400
    assert answer["error"]


@pytest.mark.parametrize("password", ["", "short", "x" * 1025])
def test_an_unacceptable_password_is_refused(talker: Talkers, name: Names, password: str) -> None:
    assert talker().register(name("ann"), password)["response"] == 400


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(
    talker: Talkers, name: Names
) -> None:
    talker().register(name("ann"))

    wrong = talker().log_in(name("ann"), "wrong password")
    unknown = talker().log_in(name("nobody"), "wrong password")

    assert wrong["response"] == unknown["response"] == 402
    assert wrong["error"] == unknown["error"]


def test_after_a_wrong_password_the_connection_stays_open_for_another_attempt(
    talker: Talkers, name: Names
) -> None:
    link = talker()
    link.register(name("ann"))

    assert link.log_in(name("ann"), "wrong password")["response"] == 402
    assert link.log_in(name("ann"))["response"] == 200


def test_a_second_login_on_a_connection_is_refused_and_changes_nothing(
    talker: Talkers, name: Names
) -> None:
    link = talker()
    link.register(name("ann"))
    link.log_in(name("ann"))

    assert link.log_in(name("ann"))["response"] == 400
    assert link.ask("get_contacts")["response"] == "202"


def test_the_welcome_names_the_servers_features_to_our_clients(
    logged_in: Talkers, talker: Talkers, name: Names
) -> None:
    logged_in(name("ann"))
    answer = talker().log_in_fully(name("ann"), device="d2")

    assert answer["jim"] == 2
    assert set(answer["features"]) == {"numbers", "order", "events", "encryption"}
    assert answer["limits"]["object"] == 262144
    assert answer["account_name"] == name("ann")
    assert len(answer["token"]) >= 43


def test_a_token_logs_its_device_in_and_no_other(talker: Talkers, name: Names) -> None:
    link = talker()
    link.register(name("ann"))
    token = link.log_in_fully(name("ann"), device="phone")["token"]

    assert talker().log_in_fully(name("ann"), device="phone", token=token)["response"] == 200
    assert talker().log_in_fully(name("ann"), device="other", token=token)["response"] == 402
    assert talker().log_in_fully(name("bob"), device="phone", token=token)["response"] == 402


def test_after_logout_the_token_is_invalid(talker: Talkers, name: Names) -> None:
    link = talker()
    link.register(name("ann"))
    token = link.log_in_fully(name("ann"))["token"]

    assert link.ask("logout")["response"] == 200
    assert link.ask("get_contacts")["response"] == 401
    assert talker().log_in_fully(name("ann"), token=token)["response"] == 402


def test_a_changed_password_ends_the_tokens_of_other_devices(talker: Talkers, name: Names) -> None:
    one, other = talker(), talker()
    one.register(name("ann"))
    mine = one.log_in_fully(name("ann"), device="one")["token"]
    theirs = other.log_in_fully(name("ann"), device="other")["token"]

    assert one.ask("password", old="wrong password", new="another good one")["response"] == 402
    assert one.ask("password", old=PASSWORD, new="another good one")["response"] == 200

    assert talker().log_in_fully(name("ann"), device="one", token=mine)["response"] == 200
    assert talker().log_in_fully(name("ann"), device="other", token=theirs)["response"] == 402
    assert talker().log_in(name("ann"))["response"] == 402
    assert talker().log_in(name("ann"), "another good one")["response"] == 200


def test_several_devices_of_one_account_are_online_at_once(
    logged_in: Talkers, talker: Talkers, name: Names
) -> None:
    phone = logged_in(name("ann"), device="phone")
    laptop = talker()
    laptop.log_in_fully(name("ann"), device="laptop")
    bob = logged_in(name("bob"))

    bob.ask("msg", to=name("ann"), message="both of you")
    assert phone.event("msg")["message"] == laptop.event("msg")["message"] == "both of you"

    phone.ask("msg", to=name("bob"), message="from the phone", id="1")
    assert laptop.event("msg")["message"] == "from the phone"


def test_one_session_per_account_where_the_operator_wants_it(own_server: Servers) -> None:
    server = own_server("--limits", "off", toml="one_session_per_account = true")
    with Talker(server.port) as one, Talker(server.port) as other:
        one.register("ann")
        one.log_in("ann")
        assert other.log_in("ann")["response"] == 409


def test_an_eleventh_device_is_refused(own_server: Servers) -> None:
    server = own_server("--limits", "off", toml="[limits]\ndevices = 2")
    with Talker(server.port) as link:
        link.register("ann")
    for device, code in (("1", 200), ("2", 200), ("2", 200), ("3", 403)):
        with Talker(server.port) as link:
            assert link.log_in_fully("ann", device=device)["response"] == code


def test_r21_the_login_history_has_time_address_and_program(
    logged_in: Talkers, name: Names
) -> None:
    link = logged_in(name("ann"))

    (login,) = link.ask("logins")["logins"]

    assert login["address"] == "127.0.0.1"
    assert login["program"] == "tests 1"
    assert abs(login["time"] - time.time()) < 60


def test_registration_may_be_closed(own_server: Servers) -> None:
    server = own_server(toml='registration = "closed"')
    with Talker(server.port) as link:
        assert link.register("ann")["response"] == 403


def test_an_invitation_lets_as_many_register_as_it_says(own_server: Servers) -> None:
    server = own_server(toml='registration = "invitation"')
    place = ("--data", str(server.data), "-p", str(server.port))
    made = run("-m", "messenger", "invite", *place, "--uses", "1")
    link = made.stdout.strip()
    assert link.startswith("jim://")
    assert f":{server.port}?invite=" in link
    token = parse_qs(urlsplit(link).query)["invite"][0]

    with Talker(server.port) as talker:
        assert talker.register("ann")["response"] == 403
        assert talker.register("ann", invite="wrong")["response"] == 403
        assert talker.register("ann", invite=token)["response"] == 201
        assert talker.register("bob", invite=token)["response"] == 403


def test_guests_may_be_refused(own_server: Servers) -> None:
    server = own_server(toml='guests = "off"')
    with Talker(server.port) as link:
        answer = link.guest("ann")

    assert answer["response"] == 401
    assert "register" in answer["error"]


def test_guests_are_marked_as_guests_for_clients_that_understand(
    logged_in: Talkers, talker: Talkers, name: Names
) -> None:
    ann, guest = logged_in(name("ann")), talker()
    guest.guest(name("guest"))

    guest.ask("msg", to=name("ann"), message="hi")

    assert ann.event("msg")["guest"] is True
    assert ann.ask("whois", account_name=name("guest"))["people"][0]["guest"] is True
    assert "guest" not in ann.ask("whois", account_name=name("ann"))["people"][0]


def test_a_guest_who_registers_the_name_logs_in_on_the_same_connection(
    talker: Talkers, name: Names
) -> None:
    link = talker()
    link.guest(name("ann"))

    assert talker().register(name("ann"))["response"] == 409
    assert link.register(name("ann"))["response"] == 201
    assert link.log_in(name("ann"))["response"] == 200


def test_a_registered_name_does_not_inherit_the_messages_of_a_guest(
    logged_in: Talkers, talker: Talkers, name: Names
) -> None:
    ann, guest = logged_in(name("ann")), talker()
    guest.guest(name("bob"))
    ann.ask("msg", to=name("bob"), message="for the guest", id="1")
    guest.leave()

    again = talker()
    again.guest_fully(name("bob"))
    assert "messages" not in again.ask("history", conversation=name("ann"), after=0)
    again.leave()
    bob = logged_in(name("bob"))

    assert "messages" not in bob.ask("history", conversation=name("ann"), after=0)


def test_an_account_survives_a_restart(own_server: Servers) -> None:
    server = own_server("--limits", "off")
    with Talker(server.port) as link:
        link.register("ann")
        token = link.log_in_fully("ann")["token"]
    assert server.stop() == 0
    server.start()

    with Talker(server.port) as link:
        assert link.log_in_fully("ann", token=token)["response"] == 200
    with Talker(server.port) as link:
        assert (
            link.ask(
                "authenticate",
                user={"account_name": "ann", "password": PASSWORD},
                **understanding("d2"),
            )["response"]
            == 200
        )


def test_r28_a_verifier_with_outdated_parameters_is_renewed_at_login(own_server: Servers) -> None:
    """A password that was stored when machines were slower gets the parameters of today."""
    import msgspec

    from messenger.crypto import passwords

    server = own_server("--limits", "off")
    with Talker(server.port) as link:
        link.register("ann")
    weak = msgspec.structs.replace(passwords.make_verifier(PASSWORD), time=1, stored_key=b"")
    weak = passwords._with_keys(weak, PASSWORD)
    database = server.open_database()
    with database.begin() as connection:
        connection.execute(update(accounts).values(verifier=weak.encode()))

    with Talker(server.port) as link:
        assert link.log_in("ann", "wrong password")["response"] == 402
        assert link.log_in("ann")["response"] == 200
        with database.connect() as connection:
            stored = connection.scalar(select(accounts.c.verifier))
        renewed = passwords.Verifier.decode(str(stored))
    with Talker(server.port) as link:
        assert link.log_in("ann")["response"] == 200

    assert not passwords.is_outdated(renewed)
    database.dispose()
