"""Input lines at a terminal, with editing, history and completion; output does not disturb them."""

from collections.abc import Iterable, Iterator

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.patch_stdout import patch_stdout

from messenger.console.chat import Chat
from messenger.console.shutdown import Terminated, is_terminal_gone
from messenger.output import visible
from messenger.ui.completion import complete_word


def prompt_lines(chat: Chat) -> Iterator[str]:
    """Yield the lines that the user writes; Ctrl+D ends them."""
    session: PromptSession[str] = PromptSession(
        lambda: f"{visible(chat.current)}> ",
        completer=_Names(chat),
        complete_while_typing=False,
        bottom_toolbar=lambda: f" {chat.status()} ",
        # The status line also changes while no key is pressed.
        refresh_interval=1,
    )
    session.default_buffer.on_text_insert += lambda _: _typed(chat, session)
    with patch_stdout():
        while True:
            try:
                yield _text(session.prompt())
            except Terminated:
                raise
            except KeyboardInterrupt:
                # It clears the line, as in a shell; with an empty line it ends the program.
                if not session.default_buffer.text:
                    return
            except EOFError:
                return
            except OSError as error:
                if not is_terminal_gone(error):
                    raise
                return


def _text(line: str) -> str:
    """Return the line with bytes that are not UTF-8, which arrive as lone surrogates, replaced."""
    return line.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _typed(chat: Chat, session: PromptSession[str]) -> None:
    if not session.default_buffer.text.startswith("/"):
        chat.typed()


class _Names(Completer):
    """Completes commands, and the names of stored conversations and contacts."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat

    def get_completions(
        self,
        document: Document,
        complete_event: CompleteEvent,  # noqa: ARG002  prompt_toolkit's signature
    ) -> Iterable[Completion]:
        """Yield the completions of the word before the cursor."""
        line = document.text_before_cursor
        found = complete_word(line, self._chat.known_names())
        for candidate in found.candidates:
            yield Completion(
                candidate.text,
                found.start - len(line),
                display=candidate.label,
                display_meta=candidate.note,
            )
