"""Prompts from threads: they wait for an answer, and the end of the program is one."""

import threading
from collections.abc import Callable

import pytest

from messenger.ui.prompts import Cancelled
from messenger.ui.waiting_prompter import Answer, Answered, Question, WaitingPrompter


class Showing(WaitingPrompter):
    """Gives these answers at once; without one left the question stays open."""

    def __init__(self, *answers: object) -> None:
        super().__init__()
        self.answers = list(answers)
        self.asked: list[Question] = []
        self.is_asked = threading.Event()

    def show(self, question: Question, answered: Answered) -> None:
        self.asked.append(question)
        if self.answers:
            answered(self.answers.pop(0))
        self.is_asked.set()


def test_each_question_says_which_answer_it_wants() -> None:
    prompter = Showing("Иван", "secret", True)

    assert prompter.read("Name: ") == "Иван"
    assert prompter.read("Password: ", secret=True) == "secret"
    assert prompter.agrees("Sure?")

    assert [one.wanted for one in prompter.asked] == [Answer.LINE, Answer.SECRET, Answer.CONSENT]


def test_what_was_said_is_shown_with_the_next_question_once() -> None:
    prompter = Showing("a", "b")
    prompter.say("Wrong passphrase.")

    prompter.read("Again: ")
    prompter.read("Repeat: ")

    assert [one.text for one in prompter.asked] == ["Wrong passphrase.\nAgain: ", "Repeat: "]
    prompter.say("The end.")
    assert [prompter.left_to_say(), prompter.left_to_say()] == ["The end.", ""]


def test_no_answer_is_a_cancelled_question() -> None:
    with pytest.raises(Cancelled):
        Showing(None).read("Name: ")


def test_an_empty_answer_and_no_are_answers() -> None:
    assert Showing("").read("Name: ") == ""
    assert not Showing(False).agrees("Sure?")


@pytest.mark.parametrize("begin", [lambda one: None, lambda one: one.is_asked.wait(30)])
def test_the_end_of_the_program_cancels_open_and_later_questions(
    begin: Callable[[Showing], object],
) -> None:
    prompter = Showing()
    caught: list[Exception] = []

    def ask() -> None:
        try:
            prompter.read("Name: ")
        except Cancelled as error:
            caught.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    begin(prompter)
    prompter.give_up()
    thread.join(30)

    assert len(caught) == 1


def test_nothing_is_asked_between_giving_up_and_going_on() -> None:
    prompter = Showing("yes")

    prompter.give_up()
    with pytest.raises(Cancelled):
        prompter.read("Password: ")
    assert not prompter.asked

    prompter.resume()
    assert prompter.read("Password: ") == "yes"
