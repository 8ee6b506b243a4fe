"""Notices as lines of a terminal: each action is a command in a sentence."""

import itertools

from messenger.language import N_, _
from messenger.output import visible
from messenger.ui.commands.arguments import quoted
from messenger.ui.notices import Do, Notice, NoticeAction, notice_of
from messenger.ui.wording import when

_SENTENCES: dict[Do, str] = {
    Do.VERIFY: N_("/verify {to} compares the keys."),
    Do.COMPARE_EMOJI: N_("To compare: /verify {to} emoji"),
    Do.SAY_SAME: N_("If so: /verify {to} same."),
    Do.SAY_DIFFERENT: N_("If not: /verify {to} differ"),
    Do.APPROVE_DEVICE: N_("If it is yours: /approve CODE, with the code that it shows."),
    Do.REMOVE_DEVICE: N_("If not: /devices remove NUMBER, then /password."),
    Do.REPLACE_KEYS: N_(
        "If it is not yours: /devices remove NUMBER, then /recover new and /password."
    ),
    Do.BE_APPROVED: N_("On another of your devices type\n    /approve {to}"),
    Do.RECOVER: N_("or here: /recover and your recovery code. /devices shows the code again."),
    Do.RECOVER_KEPT: N_("If it was removed by mistake, /recover kept approves it again."),
    Do.SHOW_RECOVERY_CODE: N_("/recovery shows it again."),
    Do.JOIN: N_("To join: /join {to}"),
    Do.SEND_UNENCRYPTED: N_("/plain sends without encryption."),
    Do.SEND_AGAIN: N_("/resend tries again."),
    Do.RESTORE: N_("messenger chat --restore {to} restores it."),
    Do.REGISTER: N_("Start with --register to make an account."),
    Do.LOG_IN: N_("Start again to log in; messages you write are queued until then."),
    Do.LOG_IN_WITH_PASSWORD: N_("Start again to log in with your password."),
}

_ELSEWHERE: dict[Do, str] = {
    Do.SEND_UNENCRYPTED: N_("/msg {to} and /plain send without encryption."),
    Do.SEND_AGAIN: N_("/msg {to} and /resend try again."),
}
"""Sentences for actions on a conversation that is not open: it has to be opened first."""


def explain(event: object, me: str = "") -> str:
    """Return the notice for an event as lines; empty if there is none.

    `me` is the user's name.
    """
    notice = notice_of(event, me)
    return notice_lines(notice) if notice is not None else ""


def notice_lines(notice: Notice, current: str = "") -> str:
    """Return a notice as lines; `current` is the open conversation, which need not be named."""
    sentences = [notice.text, *(action_line(action, current) for action in notice.actions)]
    text = sentences[0]
    for before, sentence in itertools.pairwise(sentences):
        # After a command on a line of its own the next sentence begins a new line.
        text += ("\n" if "\n    " in before else " ") + sentence
    if notice.time is not None:
        text = f"{when(notice.time)} * {text}"
    return f"{text}\n    {notice.code}" if notice.code else text


def action_line(action: NoticeAction, current: str = "") -> str:
    """Return the command for an action, in a sentence; `current` is the open conversation."""
    is_code = action.do is Do.BE_APPROVED  # its groups have spaces, but need no quotation marks
    sentence = _SENTENCES[action.do]
    if action.to not in ("", current):
        sentence = _ELSEWHERE.get(action.do, sentence)
    return _(sentence, to=visible(action.to if is_code else quoted(action.to)))
