"""Acts of an administrator: what an act does is said before, and what has come of it after."""

from collections.abc import Callable
from typing import Any, NamedTuple

from PyQt6.QtWidgets import QWidget

from messenger.admin_window.page import Page
from messenger.admin_window.requests import Requests
from messenger.sdk.administration import Administration
from messenger.windows.widgets.question import Question, ask


class Act(NamedTuple):
    """An act in the user's language.

    It has the question's title, what the act does, the button's words, what the server is asked,
    and what is said once that is done. `show` shows what the server has answered, above a window.
    `is_danger`: something is lost, or people are disturbed, by it.
    """

    title: str
    question: str
    yes: str
    do: Callable[[Administration], object]
    done: str
    show: Callable[[Any, QWidget | None], object] | None = None
    is_danger: bool = True


def perform(page: Page, requests: Requests, act: Act) -> Question:
    """Ask, and if the answer is yes do it; the page is brought up to date afterwards."""

    def done(reply: object) -> None:
        page.tell(act.done)
        page.refresh()
        if act.show is not None:
            act.show(reply, page.window())

    def do() -> None:
        page.set_loading(True)
        requests.ask(act.do, done, failed=page.show_failure, owner=page)

    window = page.window()
    return ask(act.title, act.question, act.yes, do, window, is_danger=act.is_danger)
