"""Where a server is, as people type it: addresses, ports, invitation links."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.crypto.certificates import short
from messenger.sdk.invitation import DEFAULT_PORT, Invitation, parse_link, parse_server, says_port

KEY = "ab" * 32


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("Example.org", "example.org", DEFAULT_PORT),
        (" example.org:7800 ", "example.org", 7800),
        ("example.org 7800", "example.org", 7800),
        ("münchen.example", "münchen.example", DEFAULT_PORT),
        ("127.0.0.1:80", "127.0.0.1", 80),
        ("::1", "::1", DEFAULT_PORT),
        ("[::1]", "::1", DEFAULT_PORT),
        ("[fe80::1%eth0]:7800", "fe80::1%eth0", 7800),
        ("[::1] 7800", "::1", 7800),
    ],
)
def test_an_address_is_taken_as_it_is_typed(text: str, address: str, port: int) -> None:
    assert parse_server(text) == Invitation(address, port, "")
    assert says_port(text) is (port != DEFAULT_PORT)


@pytest.mark.parametrize(
    "text",
    ["", ":7800", "host:port", "host:7_7", "host:٧", "a:b:1", "host:0", "host:65536", "a b/c", "?"],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_server(text)


def test_a_link_says_where_the_server_is_and_lets_one_register() -> None:
    link = f"jim://example.org:7800?invite=a-token&key={short(KEY)}"
    broken = f"{link[:20]}\n  {link[20:]}"

    for text in (link, broken):
        assert parse_server(text) == Invitation("example.org", 7800, "a-token", KEY)
    assert parse_link("jim://example.org?invite=x") == Invitation("example.org", DEFAULT_PORT, "x")
    assert says_port(link)
    assert not says_port("jim://example.org?invite=x")


def test_a_link_for_a_forgotten_password_has_a_code_and_a_name() -> None:
    name = "Иван%20%26%20%D0%9A%D0%BE"
    link = f"jim://example.org:7800?reset=ABCD-EFGH&user={name}&key={short(KEY)}"
    found = Invitation("example.org", 7800, "", KEY, "ABCD-EFGH", "Иван & Ко")
    assert parse_server(link) == parse_link(f"{link[:30]}\n{link[30:]}") == found
    for one in ("jim://example.org?reset=ABCD", "jim://example.org?reset=&user=ann"):
        with pytest.raises(ValueError, match="not an invitation"):
            parse_link(one)


@pytest.mark.parametrize(
    "link",
    [
        "https://example.org?invite=x",
        "jim://?invite=x",
        "jim://example.org",
        "jim://example.org:0?invite=x",
        "jim://example.org:port?invite=x",
        "jim://example.org?invite=x&key=short",
        "jim://[::1?invite=x",
        f"jim://{'a' * 64}.org?invite=x",
    ],
)
def test_what_is_no_link_is_refused(link: str) -> None:
    with pytest.raises(ValueError, match="is not an invitation link"):
        parse_server(link)


@given(st.text(max_size=30))
def test_whatever_is_typed_is_an_address_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        found = parse_server(text)
        assert found.address
        assert 0 < found.port < 65536
