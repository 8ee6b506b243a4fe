"""Takes a line that the user has written: a text, or a command."""

import logging

from messenger.jim.errors import ProtocolError
from messenger.language import _
from messenger.output import visible
from messenger.sdk.errors import ConnectionLost, NotOnline, StoreUnusable
from messenger.system_errors import reason_of
from messenger.ui.commands import run_command
from messenger.ui.commands.arguments import Usage
from messenger.ui.conversation import ConversationController
from messenger.ui.internal_errors import internal_error
from messenger.ui.prompts import NoLogin

_logger = logging.getLogger("messenger.client")


def take_line(controller: ConversationController, line: str) -> None:
    """Run a command, or send a text; `//` begins a text that starts with a slash.

    Whatever goes wrong is shown to the user: it raises nothing.
    """
    line = line.strip()
    if not line:
        return
    try:
        if line.startswith("//"):
            controller.write(controller.current, line[1:])
        elif line.startswith("/"):
            run_command(controller, line)
        else:
            controller.write(controller.current, line)
    except ConnectionLost:
        controller.refuse(
            _("No answer from the server. The request may or may not have been carried out.")
        )
    except NotOnline:
        controller.refuse(
            _("You are offline. Messages are queued; this command needs a connection.")
        )
    except (ProtocolError, Usage, NoLogin, StoreUnusable) as error:
        _logger.info("Refused: %s", error)
        controller.refuse(visible(controller.reason(error), lines=True))
    except OSError as error:
        _logger.warning("%s", error)
        reason = _(reason_of(error))
        controller.refuse(visible(f"{error.filename}: {reason}" if error.filename else reason))
    # Whatever a command does wrong, the chat goes on.
    except Exception as error:
        controller.refuse(visible(internal_error(error)))
