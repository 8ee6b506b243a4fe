"""Links are found in texts, lead where they say, and start no programs."""

import pytest

from messenger.ui.links import links_in, may_be_followed, misleads, real_host


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://example.org/a?b=1.", ["https://example.org/a?b=1"]),
        ("(https://example.org/a)", ["https://example.org/a"]),
        ("https://ru.wikipedia.org/wiki/Ключ_(знак)!", ["https://ru.wikipedia.org/wiki/Ключ_(знак)"]),
        ("HTTP://example.org and jim://host:7777?invite=x", ["HTTP://example.org", "jim://host:7777?invite=x"]),
        ("write to mailto:ann@example.org", ["mailto:ann@example.org"]),
        ("file:///etc/passwd javascript:alert(1) ssh://host", []),
        ("nothing", []),
    ],
)  # fmt: skip
def test_links_of_known_kinds_are_found_without_what_follows_them(
    text: str, links: list[str]
) -> None:
    assert [text[one.start : one.end] for one in links_in(text)] == links


def test_an_address_has_no_letters_that_could_be_control_sequences() -> None:
    assert links_in("https://example.org/ё")[0].address == "https://example.org/%D1%91"
    address = links_in("https://пример.рф:8443/путь")[0].address
    assert address.startswith("https://xn--e1afmkfd.xn--p1ai:8443/%D0%BF")
    assert not misleads(address)


@pytest.mark.parametrize(
    ("address", "host", "is_misleading"),
    [
        ("https://example.org/a", "example.org", False),
        ("mailto:ann@example.org", "ann@example.org", False),
        ("https://bank.example@evil.example/", "evil.example", True),
        ("https://аррӏе.example/", "xn--80ak6aa92e.example", True),
        ("https://xn--80ak6aa92e.example/", "xn--80ak6aa92e.example", True),
        ("https://xn--80ak6aa92e.xn--p1ai/", "xn--80ak6aa92e.xn--p1ai", False),
        ("https://good.example\\@evil.example/", "evil.example", True),
        ("https://[::1", "", True),
        ("https://[::1]:80/", "::1", False),
        ("https://a%00b.example/", "a\0b.example", True),
    ],
)
def test_a_link_that_may_lead_elsewhere_shows_where_it_leads(
    address: str, host: str, is_misleading: bool
) -> None:
    assert (real_host(address), misleads(address)) == (host, is_misleading)


def test_only_links_of_known_kinds_lead_somewhere() -> None:
    assert may_be_followed("HTTPS://example.org")
    for address in ("javascript:alert(1)", "file:///etc/passwd", "https://[::1", "", "nothing"):
        assert not may_be_followed(address)


def test_a_link_of_many_brackets_is_found_in_no_time() -> None:
    """It took minutes: another user's message would have stopped the window for as long."""
    text = "https://example.org/" + "(" * 200_000 + ")" * 200_000

    assert [(one.start, one.end) for one in links_in(text)] == [(0, len(text))]
