"""Messages as a page of HTML that needs nothing else: for people, in any browser, for decades."""

import re
from collections.abc import Iterable, Iterator
from html import escape

from messenger.jim.names import is_room
from messenger.language import _, own_language
from messenger.output import visible
from messenger.sdk.store import MessageState, StoredMessage
from messenger.ui.wording import clock_time, day_name, failure_text, message_text, shown_name, when

_TOGETHER = 5 * 60
"""Seconds within which messages of one sender stand below one name."""
# What XML 1.0 (2.2) forbids and `visible` leaves: with it no program could parse the page.
_FORBIDDEN = re.compile("[\ufffe\uffff\ud800-\udfff]")

_STYLE = """
:root { color-scheme: light dark; --ground: #eef1f6; --text: #15181e; --soft: #565f6d;
  --theirs: #ffffff; --mine: #2f62d9; --on-mine: #ffffff; --mine-soft: #e2ebfe; --day: #e3e7ee;
  --bad: #c6303e; --on-mine-bad: #ffffff; }
@media (prefers-color-scheme: dark) { :root { --ground: #101216; --text: #e9ecf1; --soft: #9da7b6;
  --theirs: #22262e; --mine: #2e58b8; --mine-soft: #cbd9fb; --day: #20242b; --bad: #ff8a8f; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 24px 16px 48px; background: var(--ground); color: var(--text);
  font: 15px/1.4 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
header, main { max-width: 720px; margin: 0 auto; }
h1 { font-size: 22px; font-weight: 600; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { width: fit-content; margin: 28px auto 12px; padding: 3px 12px; border-radius: 12px;
  background: var(--day); color: var(--soft); font-size: 12px; font-weight: 500; }
header p { margin: 0; color: var(--soft); font-size: 13px; }
.message { width: fit-content; max-width: 78%; margin: 2px 0; padding: 7px 12px;
  border-radius: 14px; background: var(--theirs); }
.mine { margin-left: auto; background: var(--mine); color: var(--on-mine); }
.first { margin-top: 10px; }
.sender { font-size: 13px; font-weight: 600; }
.text { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.note { font-style: italic; }
time, .state { color: var(--soft); font-size: 11px; }
.mine time, .mine .state { color: var(--mine-soft); }
.failed { color: var(--bad); }
@media print { body { background: none; } .message { break-inside: avoid; } }
""".strip()


def page(
    messages: Iterable[StoredMessage], conversation: str, me: str, now: float
) -> Iterator[str]:
    """Yield the lines of a page with the messages of a conversation, the oldest first.

    It is HTML and well-formed XML. `me` is the user's name, `now` (unix time) that of the export.
    """
    title = text_of(shown_name(conversation))
    language = escape(own_language())
    yield "<!DOCTYPE html>"
    yield f'<html xmlns="http://www.w3.org/1999/xhtml" lang="{language}" xml:lang="{language}">'
    yield '<head><meta charset="utf-8" />'
    # Whatever a message has in it: the page runs nothing, and loads nothing.
    yield (
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\" />"
    )
    yield '<meta name="viewport" content="width=device-width, initial-scale=1" />'
    yield f"<title>{title}</title>"
    yield f"<style>\n{_STYLE}\n</style></head>"
    yield f"<body><header><h1>{title}</h1>"
    yield f"<p>{text_of(_('Saved by {name}, {when}', name=shown_name(me), when=when(now)))}</p>"
    yield "</header><main>"
    yield from _messages(messages, me, names_senders=is_room(conversation))
    yield "</main></body></html>"


def text_of(words: str) -> str:
    """Return a text as HTML: escaped, and with nothing that no parser takes."""
    shown = "\n".join(map(visible, words.split("\n")))
    return escape(_FORBIDDEN.sub("\ufffd", shown))


def _messages(messages: Iterable[StoredMessage], me: str, *, names_senders: bool) -> Iterator[str]:
    day, before = "", None
    for message in messages:
        # By the server's time, which follows the order of the log.
        if (its_day := day_name(message.stored)) != day:
            day, before = its_day, None
            yield f"<h2>{text_of(day)}</h2>"
        is_first = before is None or not _belong_together(before, message)
        yield _message(message, me, is_first=is_first, names_senders=names_senders)
        before = message


def _belong_together(before: StoredMessage, message: StoredMessage) -> bool:
    near = message.stored - before.stored <= _TOGETHER
    return near and (before.sender, before.guest) == (message.sender, message.guest)


def _message(message: StoredMessage, me: str, *, is_first: bool, names_senders: bool) -> str:
    is_mine = message.sender == me
    kinds = ["message", *(["mine"] if is_mine else []), *(["first"] if is_first else [])]
    shown = message_text(message)
    note = "" if shown.endswith(message.text) and message.text else " note"
    parts = [f'<article class="{" ".join(kinds)}">']
    # In each message for programs and screen readers, to be seen once for a group.
    if is_first and (names_senders or not is_mine):
        guest = f" {_('(guest)')}" if message.guest else ""
        parts.append(f'<div class="sender">{text_of(shown_name(message.sender) + guest)}</div>')
    parts.append(f'<p class="text{note}" dir="auto">{text_of(shown)}</p>')
    parts.append(f"<time>{clock_time(message.shown_time)}</time>")
    if message.state is MessageState.FAILED:
        said = _("[not sent: {reason}]", reason=failure_text(message))
        parts.append(f' <span class="state{"" if is_mine else " failed"}">{text_of(said)}</span>')
    elif message.state is MessageState.UNSENT:
        parts.append(f' <span class="state">{text_of(_("[queued]"))}</span>')
    parts.append("</article>")
    return "".join(parts)
