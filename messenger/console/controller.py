"""A user at a terminal: runs commands, sends texts, and reports errors."""

import logging

from messenger.console.advice import with_advice
from messenger.console.notice_lines import notice_lines
from messenger.console.qr import qr_lines
from messenger.console.shutdown import internal_error
from messenger.jim.errors import ProtocolError
from messenger.jim.names import EVERYONE
from messenger.language import _
from messenger.output import visible
from messenger.sdk.client import Client
from messenger.sdk.errors import ConnectionLost, NotOnline, StoreUnusable
from messenger.sdk.events import MessageChanged, StateChanged
from messenger.sdk.profiles import Profile
from messenger.ui.commands import run_command
from messenger.ui.commands.arguments import Usage
from messenger.ui.connection_notices import ConnectionNotices
from messenger.ui.conversation import ConversationController
from messenger.ui.errors import explain
from messenger.ui.notices import Notice, failure_notice
from messenger.ui.prompts import NoLogin, Prompter

_logger = logging.getLogger("messenger.client")


class ConsoleController(ConversationController):
    """A user at a terminal, who writes texts and commands."""

    def __init__(
        self, client: Client, profile: Profile, prompter: Prompter, *, to: str = EVERYONE
    ) -> None:
        super().__init__(client, profile, prompter, to=to)
        self._connection = ConnectionNotices()

    def refuse(self, text: str) -> None:
        """Show why a request of the user was refused."""
        self.show(text)

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

    # --- what the user does --------------------------------------------------------------------

    def take(self, line: str) -> None:
        """Run a command, or send a text; `//` begins a text that starts with a slash."""
        line = line.strip()
        if not line:
            return
        try:
            if line.startswith("//"):
                self.write(self.current, line[1:])
            elif line.startswith("/"):
                run_command(self, line)
            else:
                self.write(self.current, line)
        except ConnectionLost:
            self.refuse(
                _("No answer from the server. The request may or may not have been carried out.")
            )
        except NotOnline:
            self.refuse(_("You are offline. Messages are queued; this command needs a connection."))
        except (ProtocolError, Usage, NoLogin, StoreUnusable) as error:
            _logger.info("Refused: %s", error)
            self.refuse(visible(with_advice(explain(error), error, separator="\n"), lines=True))
        except OSError as error:
            _logger.warning("%s", error)
            reason = error.strerror or error
            self.refuse(visible(f"{error.filename}: {reason}" if error.filename else str(reason)))
        # Whatever a command does wrong, the chat goes on.
        except Exception as error:
            self.refuse(visible(internal_error(error)))

    def explain_state(self, event: StateChanged) -> str:
        """Return the notice for a change of the connection, or nothing."""
        notice = self._connection.of(event)
        if notice is None:
            return ""
        return with_advice(notice_lines(notice), event.error)

    def explain_failure(self, event: MessageChanged) -> str:
        """Return the notice that a message was not sent; it names the conversation if not open."""
        return notice_lines(failure_notice(event.message, event.error), self.current)
