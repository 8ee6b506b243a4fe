"""Which sessions go on, and which end: passwords, devices, limits, closed connections."""

from collections.abc import Callable

import pytest

from messenger.server.rate_limits import LoginFailures, RateLimiter, origin
from tests.running import PASSWORD, RunningServer, Talker

Talkers = Callable[..., Talker]
Names = Callable[[str], str]
Servers = Callable[..., RunningServer]

OTHER = "another correct horse"


def beside(link: Talker, token: str, name: str, device: str) -> dict[str, object]:
    """Log in as a second program on a device: with its token."""
    return link.log_in_fully(name, device=device, token=token)


def test_a_password_change_ends_the_sessions_of_other_devices(
    talker: Talkers, logged_in: Talkers, name: Names
) -> None:
    me = name("Иван")
    own, thief, plain = logged_in(me, device="d1"), talker(), talker()
    assert thief.log_in_fully(me, device="d2")["response"] == 200
    assert plain.log_in(me)["response"] == 200

    assert own.ask("password", old=PASSWORD, new=OTHER)["response"] == 200

    for ended in (thief, plain):
        while "response" not in (said := ended.receive()):
            pass
        assert (said["response"], said["error"]) == (401, "Your password was changed: log in again")
        assert ended.is_closed()
    assert own.ask("msg", to="#all", message="still here")["response"] == 200


def test_programs_with_the_devices_token_stay_but_not_those_that_only_claim_its_id(
    talker: Talkers, name: Names
) -> None:
    """A device id proves nothing: whoever has the password can claim it."""
    me = name("ann")
    own, pipe, liar, liar_beside = (talker() for _ in range(4))
    own.register(me)
    token = own.log_in_fully(me, device="d1")["token"]
    assert beside(pipe, token, me, "d1.1")["response"] == 200
    stolen = liar.log_in_fully(me, device="d1")["token"]
    assert beside(liar_beside, stolen, me, "d1.2")["response"] == 200

    assert own.ask("password", old=PASSWORD, new=OTHER)["response"] == 200

    assert pipe.ask("msg", to="#all", message="still here")["response"] == 200
    assert liar.is_closed()
    assert liar_beside.is_closed()
    with_stolen = talker()
    assert beside(with_stolen, stolen, me, "d1.3")["response"] == 402


def test_the_devices_own_token_outlives_the_change(talker: Talkers, name: Names) -> None:
    me, own, again = name("ann"), talker(), talker()
    own.register(me)
    token = own.log_in_fully(me, device="d1")["token"]
    own.ask("password", old=PASSWORD, new=OTHER)

    assert beside(again, token, me, "d1")["response"] == 200


@pytest.mark.parametrize("way", ["forget_device", "logout"])
def test_removing_a_device_removes_the_programs_on_it(
    talker: Talkers, logged_in: Talkers, name: Names, way: str
) -> None:
    me, lost, pipe, other = name("ann"), talker(), talker(), talker()
    own = logged_in(me, device="d1")
    token = lost.log_in_fully(me, device="d2")["token"]
    assert beside(pipe, token, me, "d2.1")["response"] == 200
    assert other.log_in_fully(me, device="d22")["response"] == 200

    if way == "forget_device":
        assert own.ask("forget_device", device="d2")["response"] == 200
        assert lost.is_closed()
    else:
        assert lost.ask("logout")["response"] == 200

    assert pipe.is_closed()
    assert other.ask("msg", to="#all", message="still here")["response"] == 200
    known = [one["device"] for one in own.ask("own_devices")["devices"]]
    assert known == ["d1", "d22"]


def test_the_device_in_use_is_not_removed(talker: Talkers, logged_in: Talkers, name: Names) -> None:
    """Nor by a second program on it: a session without a device would remain."""
    me, pipe = name("Иван"), talker()
    own = logged_in(me, device="d1")
    token = talker().log_in_fully(me, device="d2")["token"]
    assert beside(pipe, token, me, "d2.1")["response"] == 200

    for one, device in ((own, "d1"), (pipe, "d2.1"), (pipe, "d2")):
        assert one.ask("forget_device", device=device)["response"] == 403

    known = [one["device"] for one in own.ask("own_devices")["devices"]]
    assert known == ["d1", "d2", "d2.1"]


def test_a_connection_that_closes_before_its_answer_leaves_nothing(
    server: RunningServer, name: Names
) -> None:
    """No guest without a connection, no error in the log."""
    link = Talker(server.port)
    link.guest(name("ann"))
    for number in range(30):
        ghost = Talker(server.port)
        user = {"account_name": name(f"ghost{number}")}
        ghost.send("presence", user=user)
        for action, keys in (
            ("contacts", {}), ("get_contacts", {}), ("join", {"room": name("#r")}),
            ("conversations", {}), ("history", {"conversation": "#all"}), ("logins", {}),
        ):  # fmt: skip
            ghost.send(action, **keys)
        ghost.close()
    while any(
        one["account_name"].startswith("ghost") and one["account_name"].endswith(name(""))
        for one in link.ask("members", room="#all")["people"]
    ):
        pass
    assert "AssertionError" not in server.log()
    assert "Traceback" not in server.log()


# --- how often passwords may be tried -----------------------------------------------------------


def test_strangers_do_not_lock_anybody_out(own_server: Servers) -> None:
    """Neither accounts that never logged in from their address, nor those that did."""
    server = own_server(toml="[limits]\nlogin_burst = 2\nlogin_interval = 1000")
    with Talker(server.port) as victim:
        victim.register("victim")
        assert victim.log_in("victim")["response"] == 200
    codes = []
    for _ in range(6):
        with Talker(server.port, source="127.0.0.66") as stranger:
            codes.append(stranger.log_in("victim", "a wrong one")["response"])

    assert codes == [402, 402, 429, 429, 429, 429]
    with Talker(server.port, source="127.0.0.77") as elsewhere:
        assert elsewhere.log_in("victim")["response"] == 200
    for number in range(90, 110):
        with Talker(server.port, source=f"127.0.0.{number}") as stranger:
            codes.append(stranger.log_in("victim", "a wrong one")["response"])
    assert codes[-1] == 429
    with Talker(server.port, source="127.0.0.77") as known:
        assert known.log_in("victim")["response"] == 200


def test_a_token_is_accepted_from_an_address_with_failed_logins(own_server: Servers) -> None:
    server = own_server(toml="[limits]\nfailures = 2")
    with Talker(server.port) as link:
        link.register("ann")
        token = link.log_in_fully("ann")["token"]
    for _ in range(3):
        with Talker(server.port) as stranger:
            stranger.log_in_fully("ann", token="no such token")
    with Talker(server.port) as stranger, Talker(server.port) as link:
        assert stranger.log_in_fully("ann", token="no such token")["response"] == 429
        assert link.log_in_fully("ann", token=token)["response"] == 200


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", "10.0.0.2", False),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
    ],
)
def test_ipv6_addresses_count_by_their_network(one: str, other: str, same: bool) -> None:
    assert (origin(one) == origin(other)) == same


def test_a_crowd_of_names_does_not_refill_an_empty_bucket() -> None:
    limiter, failures = RateLimiter(2, 20), LoginFailures(1, 900)
    for _ in range(2):
        assert limiter.take("victim", 0) == 0
    failures.add("10.0.0.1")

    for number in range(20_000):
        # Not at once: a bucket that was unused for long is full again.
        limiter.take(f"name {number}", 0.001 * number)
        failures.add(f"host {number}") if number % 2 else failures.add("10.0.0.1")

    assert limiter.take("victim", 19) > 0
    assert failures.wait("10.0.0.1") > 0


# --- the log ------------------------------------------------------------------------------------


def test_the_log_has_logins_and_actions_but_no_secret(own_server: Servers) -> None:
    server = own_server("--limits", "off")
    with Talker(server.port) as ann, Talker(server.port) as bob, Talker(server.port) as gus:
        ann.register("ann")
        ann.log_in("ann", "a wrong password")
        ann.log_in("nobody\nforged", "a wrong password")
        token = ann.log_in_fully("ann")["token"]
        bob.register("bob")
        bob.log_in("bob")
        gus.guest("gus")
        for link in (ann, bob):
            link.ask("join", room="#чай")
        ann.ask("msg", to="#чай", message="a secret text")
        ann.ask("kick", room="#чай", account_name="bob", ban=True)
        ann.ask("close_room", room="#чай")
        ann.ask("password", old=PASSWORD, new=OTHER)
    said = server.log()

    for line in (
        "'ann' is registered from 127.0.0.1",
        "A login as 'ann' is refused from 127.0.0.1",
        r"A login as 'nobody\nforged' is refused",
        "'ann' has logged in from 127.0.0.1 (tests 1)",
        "'bob' has logged in from 127.0.0.1 (plain JIM)",
        "'gus' has logged in as a guest from 127.0.0.1",
        "'ann' has made the room '#чай'",
        "'ann' has removed 'bob' from '#чай', for good",
        "The room '#чай' is closed",
        "'ann' has changed the password",
    ):
        assert said.count(line) == 1, line
    for secret in (PASSWORD, OTHER, "a wrong password", token, "a secret text"):
        assert secret not in said
