"""The limits on what one client may ask: each is answered with a code and a reason."""

import signal
import time
from collections.abc import Callable

import pytest

from messenger.jim.errors import Stopping
from messenger.server.connection_limits import ConnectionLimits
from messenger.server.limits import Limits
from messenger.server.rate_limits import LoginFailures, TokenBucket
from messenger.server.records import Session
from tests.running import PASSWORD, RunningServer, Talker, until

Servers = Callable[..., RunningServer]


def limits(**values: float) -> str:
    """Return the configuration that sets these limits."""
    return "[limits]\n" + "".join(f"{name} = {value}\n" for name, value in values.items())


# --- sizes -------------------------------------------------------------------------------------


def test_an_object_that_is_too_large_is_413_and_ends_the_connection(own_server: Servers) -> None:
    server = own_server(toml=limits(object_size=3_000, text_length=50))
    with Talker(server.port) as link:
        link.guest("ann")
        link.send("msg", to="#all", message="x" * 3_000)

        answer = link.receive()

        assert answer["response"] == 413
        assert "3000 bytes" in answer["error"]
        assert link.is_closed()


def test_before_login_objects_are_smaller_still(own_server: Servers) -> None:
    server = own_server(toml=limits(object_size_before_login=300))
    with Talker(server.port) as link:
        link.send("presence", user={"account_name": "ann", "status": "x" * 300})

        assert link.receive()["response"] == 413
        assert link.is_closed()
    with Talker(server.port) as link:
        link.guest("ann")

        assert link.ask("msg", to="#all", message="x" * 300)["response"] == 200


def test_a_text_that_is_too_long_is_413_and_the_connection_stays(own_server: Servers) -> None:
    server = own_server(toml=limits(text_length=5))
    with Talker(server.port) as link:
        link.guest("ann")

        assert link.ask("msg", to="#all", message="Ёжики")["response"] == 200
        assert link.ask("msg", to="#all", message="hedgehogs")["response"] == 413
        assert link.ask("msg", to="#all", message="again")["response"] == 200


# --- connections -------------------------------------------------------------------------------


def test_a_client_that_does_not_log_in_in_time_gets_408(own_server: Servers) -> None:
    server = own_server(toml=limits(login_timeout=0.5))
    with Talker(server.port) as silent, Talker(server.port) as ann:
        ann.guest("ann")

        answer = silent.receive()

        assert answer["response"] == 408
        assert silent.is_closed()
        assert ann.ask("msg", to="#all", message="still here")["response"] == 200


def test_a_server_that_is_full_says_when_to_try_again(own_server: Servers) -> None:
    server = own_server(toml=limits(connections=2))
    with Talker(server.port) as one, Talker(server.port) as two, Talker(server.port) as three:
        one.guest("one")
        two.guest("two")

        answer = three.receive()

        assert answer["response"] == 503
        assert answer["retry_after"] > 0
        assert three.is_closed()
        one.leave()
        with Talker(server.port) as four:
            assert four.guest("four")["response"] == 200


def test_only_so_many_log_in_at_once(own_server: Servers) -> None:
    server = own_server(toml=limits(unauthenticated=1))
    with Talker(server.port) as waiting, Talker(server.port) as another:
        answer = another.receive()

        assert answer["response"] == 503
        assert answer["retry_after"] > 0
        assert waiting.guest("ann")["response"] == 200


def test_only_so_many_from_one_address_log_in_at_once() -> None:
    """The loopback address is shared by everybody on this machine, and so exempt."""
    connection_limits = ConnectionLimits(Limits(unauthenticated_per_address=2))

    def come(address: str) -> object:
        return connection_limits.add(Session(None, address, 100), 1)  # type: ignore[arg-type]  # no link

    assert [come("192.0.2.1") for _ in range(2)] == [None, None]
    assert isinstance(come("192.0.2.1"), Stopping)
    assert come("192.0.2.2") is None
    assert [come("127.0.0.1") for _ in range(5)] == [None] * 5


def test_a_connection_that_has_logged_in_does_not_count_any_more() -> None:
    connection_limits = ConnectionLimits(Limits(unauthenticated_per_address=1))
    first, second = (Session(None, "192.0.2.1", 100) for _ in range(2))  # type: ignore[arg-type]  # no link

    assert connection_limits.add(first, 1) is None
    connection_limits.remove(first)
    connection_limits.remove(first)

    assert connection_limits.add(second, 1) is None


# --- how often ---------------------------------------------------------------------------------


def test_messages_come_at_a_rate(own_server: Servers) -> None:
    server = own_server(toml=limits(message_burst=3, message_interval=0.2))
    with Talker(server.port) as link:
        link.guest("ann")
        answers = [link.ask("msg", to="#all", message="hi") for _ in range(4)]

        assert [answer["response"] for answer in answers] == [200, 200, 200, 429]
        time.sleep(answers[-1]["retry_after"] + 0.05)
        assert link.ask("msg", to="#all", message="hi")["response"] == 200


def test_two_connections_of_one_account_share_the_rate(own_server: Servers) -> None:
    server = own_server(toml=limits(message_burst=3, message_interval=60))
    with Talker(server.port) as one, Talker(server.port) as two:
        one.register("ann")
        one.log_in_fully("ann", device="1")
        two.log_in_fully("ann", device="2")

        answers = [link.ask("msg", to="#all", message="hi") for link in (one, two, one, two)]

        assert sorted(answer["response"] for answer in answers) == [200, 200, 200, 429]


def test_other_requests_come_at_a_rate_of_their_own(own_server: Servers) -> None:
    server = own_server(toml=limits(request_burst=2, request_interval=60))
    with Talker(server.port) as link:
        link.guest("ann")
        answers = [link.ask("members", room="#all") for _ in range(3)]

        assert [answer["response"] for answer in answers] == [200, 200, 429]
        assert answers[-1]["retry_after"] > 50
        assert link.ask("msg", to="#all", message="not counted with them")["response"] == 200


def test_logins_of_an_account_come_at_a_rate(own_server: Servers) -> None:
    server = own_server(toml=limits(login_burst=2, login_interval=60))
    with Talker(server.port) as link:
        link.register("ann")
        codes = [link.log_in("ann", "wrong password")["response"] for _ in range(2)]
        answer = link.log_in("ann", PASSWORD)

        assert codes == [402, 402]
        assert answer["response"] == 429
        assert answer["retry_after"] > 50


def test_an_address_that_fails_too_often_has_to_wait(own_server: Servers) -> None:
    server = own_server(toml=limits(failures=2, failures_pause=100, login_burst=100))
    with Talker(server.port) as link:
        link.register("ann")
        link.log_in("ann", "wrong password")
        link.log_in("bob", "wrong password")
        answer = link.log_in("ann", PASSWORD)

        assert answer["response"] == 429
        assert answer["retry_after"] > 90


def test_failures_are_forgotten_after_the_pause() -> None:
    failures = LoginFailures(1, 0.05)
    failures.add("192.0.2.1")

    assert failures.wait("192.0.2.1") > 0
    assert failures.wait("192.0.2.2") == 0
    until(lambda: failures.wait("192.0.2.1") == 0)


def test_registrations_from_an_address_come_at_a_rate(own_server: Servers) -> None:
    server = own_server(toml=limits(register_burst=1, register_interval=60))
    with Talker(server.port) as link:
        assert link.register("ann")["response"] == 201
        answer = link.register("bob")

        assert answer["response"] == 429
        assert answer["retry_after"] > 50


def test_only_so_many_passwords_wait_to_be_checked(own_server: Servers) -> None:
    server = own_server("--limits", "off", toml=limits(waiting_passwords=1))
    with Talker(server.port) as one, Talker(server.port) as two:
        one.register("ann")
        # Both are there when it goes on: one of them finds the place taken.
        server.process.send_signal(signal.SIGSTOP)
        for link in (one, two):
            link.send("authenticate", user={"account_name": "nobody", "password": PASSWORD})
        server.process.send_signal(signal.SIGCONT)
        answers = [one.receive(), two.receive()]

        assert {answer["response"] for answer in answers} == {402, 429}
        assert all("retry_after" in answer for answer in answers if answer["response"] == 429)


def test_a_bucket_fills_up_again() -> None:
    bucket = TokenBucket(burst=2, interval=10)

    assert [bucket.take(0), bucket.take(0)] == [0, 0]
    assert bucket.take(0) == pytest.approx(10)
    assert bucket.take(10) == 0
    assert bucket.take(11) == pytest.approx(9)


def test_rate_limits_are_off_only_where_the_log_says_so(own_server: Servers) -> None:
    server = own_server(
        "--limits", "off", toml=limits(message_burst=1, object_size=2_200, text_length=10)
    )
    with Talker(server.port) as link:
        link.guest("ann")
        codes = [link.ask("msg", to="#all", message="hi")["response"] for _ in range(5)]
        link.send("msg", to="#all", message="x" * 3_000)

        assert codes == [200] * 5
        assert link.receive()["response"] == 413
    assert "Rate limits are off" in server.log()


# --- queues ------------------------------------------------------------------------------------


def test_a_client_that_sends_too_fast_has_to_wait_and_loses_nothing(own_server: Servers) -> None:
    server = own_server("--limits", "off", toml=limits(pipelined_messages=4, waiting_requests=4))
    with Talker(server.port) as link:
        link.guest("ann")
        for number in range(300):
            link.send("msg", to="#all", message=str(number), id=f"m{number}")
        link.send("members", room="#all", id="last")

        answers = [link.receive() for _ in range(301)]

        assert [answer["id"] for answer in answers] == [f"m{n}" for n in range(300)] + ["last"]


def test_typing_notices_are_not_sent_in_crowds(own_server: Servers) -> None:
    server = own_server(toml=limits(typing_max_members=2))
    with Talker(server.port) as one, Talker(server.port) as two, Talker(server.port) as three:
        one.guest_fully("one")
        two.guest_fully("two")
        one.ask("typing", to="#all")
        assert two.event("typing")["from"] == "one"

        three.guest_fully("three")
        one.ask("typing", to="#all")
        one.ask("msg", to="#all", message="after it")

        assert [event["action"] for event in two.before("after it") if "action" in event] == []


def test_receipts_are_not_sent_in_crowds(own_server: Servers) -> None:
    server = own_server(toml=limits(receipts_max_members=2))
    with Talker(server.port) as one, Talker(server.port) as two, Talker(server.port) as three:
        for link, name in ((one, "one"), (two, "two")):
            link.guest_fully(name)
            link.ask("join", room="#r")
        one.ask("msg", to="#r", message="hi", id="1")
        two.ask("receipt", conversation="#r", read=1)
        assert one.event("receipt")["read"] == 1

        three.guest_fully("three")
        three.ask("join", room="#r")
        one.ask("msg", to="#r", message="hi", id="2")
        two.ask("receipt", conversation="#r", read=2)
        two.ask("msg", to="#r", message="after it", id="3")

        assert [one for one in one.before("after it") if one.get("action") == "receipt"] == []


def test_a_slow_plain_client_is_fed_from_the_log(own_server: Servers) -> None:
    server = own_server(
        "--limits", "off", toml="plain_pause = 0.01\n" + limits(write_buffer_frames_plain=5)
    )
    with Talker(server.port, newline=False) as slow, Talker(server.port) as fast:
        slow.guest("slow")
        fast.guest("fast")
        for number in range(60):
            fast.ask("msg", to="#all", message=str(number))

        slow.newline = True  # read by lines from now on: frames may have come together
        texts = [slow.receive()["message"] for _ in range(60)]

        assert texts == [str(number) for number in range(60)]


def test_a_plain_client_gets_only_the_last_of_the_messages_it_missed(own_server: Servers) -> None:
    server = own_server("--limits", "off", toml=limits(backlog=3))
    with Talker(server.port) as ann, Talker(server.port) as bob:
        ann.register("ann")
        bob.guest("bob")
        for number in range(10):
            bob.ask("msg", to="ann", message=str(number))
        ann.send("authenticate", user={"account_name": "ann", "password": PASSWORD})

        assert [ann.event("msg")["message"] for _ in range(3)] == ["7", "8", "9"]
        bob.ask("msg", to="ann", message="new")
        assert [found for found in ann.before("new") if "message" in found] == []


# --- dead connections --------------------------------------------------------------------------


def test_a_silent_connection_is_probed_and_ended_if_it_does_not_answer(own_server: Servers) -> None:
    server = own_server(toml=limits(probe_interval=0.5, probes_missed=2))
    with Talker(server.port) as link:
        link.guest_fully("ann")

        assert [link.receive()["action"] for _ in range(2)] == ["probe", "probe"]
        assert link.is_closed()


def test_a_connection_that_answers_probes_stays(own_server: Servers) -> None:
    server = own_server(toml=limits(probe_interval=0.5, probes_missed=1))
    with Talker(server.port) as link:
        link.guest_fully("ann")
        for _ in range(3):
            link.event("probe")
            assert (
                link.ask("presence", user={"account_name": "ann", "status": ""})["response"] == 200
            )


def test_a_plain_connection_that_never_answered_a_probe_is_not_ended(own_server: Servers) -> None:
    server = own_server(toml=limits(probe_interval=0.3, probes_missed=1))
    with Talker(server.port, newline=False) as link, Talker(server.port) as bob:
        link.guest("ann")
        for later in ("one", "another"):
            with Talker(server.port) as silent:
                silent.guest_fully(later)
                assert silent.is_closed()
        bob.guest("bob")
        bob.ask("msg", to="ann", message="still there?")

        assert link.receive()["message"] == "still there?"
