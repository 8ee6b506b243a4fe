"""A user at a terminal: notices as commands, errors with the options that help."""

from messenger.console.advice import with_advice
from messenger.console.notice_lines import notice_lines
from messenger.jim.names import EVERYONE
from messenger.language import _
from messenger.output import visible
from messenger.sdk.client import Client
from messenger.sdk.events import MessageChanged, StateChanged
from messenger.sdk.profiles import Profile
from messenger.ui.commands.lines import take_line
from messenger.ui.connection_notices import ConnectionNotices
from messenger.ui.conversation import ConversationController
from messenger.ui.notices import Notice, failure_notice
from messenger.ui.prompts import Prompter
from messenger.ui.qr import qr_lines
from messenger.ui.where import Where


class ConsoleController(ConversationController):
    """A user at a terminal, who writes texts and commands."""

    where = Where.TERMINAL

    def __init__(
        self, client: Client, profile: Profile, prompter: Prompter, *, to: str = EVERYONE
    ) -> None:
        super().__init__(client, profile, prompter, to=to)
        self._connection = ConnectionNotices()

    def tell(self, notice: Notice) -> None:
        """Show a notice, with the commands for its actions."""
        self.show(notice_lines(notice, self.current))

    def show_code(self, text: str) -> None:
        """Show a text as a QR code."""
        for line in qr_lines(text):
            self.show(line)

    def show_help(self, usages: list[str]) -> None:
        """Show how commands are written."""
        for usage in usages:
            self.show("  " + usage)
        self.show(_("Everything else that you write goes to {name}.", name=visible(self.current)))

    def take(self, line: str) -> None:
        """Run a command, or send a text."""
        take_line(self, line)

    def reason(self, error: Exception) -> str:
        """Return why a request was refused, with the options that help."""
        return with_advice(super().reason(error), error, separator="\n")

    def explain_state(self, event: StateChanged) -> str:
        """Return the notice for a change of the connection, or nothing."""
        notice = self._connection.of(event)
        if notice is None:
            return ""
        return with_advice(notice_lines(notice), event.error)

    def explain_failure(self, event: MessageChanged) -> str:
        """Return the notice that a message was not sent; it names the conversation if not open."""
        return notice_lines(failure_notice(event.message, event.error), self.current)
