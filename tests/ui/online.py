"""A user whose client talks to a server, and an interface that remembers."""

from collections.abc import Callable
from pathlib import Path

from messenger.sdk.profiles import Profile
from messenger.ui.conversation import ConversationController
from tests.in_process import InProcessClient, Users
from tests.sdk.person import Names
from tests.ui.answers import Answering
from tests.ui.offline import Offline


class Online(Offline):
    """Does what commands want, at a server; codes that are shown are in `shown`, too."""

    def __init__(self, data: Path, client: InProcessClient, user: Answering | None = None) -> None:
        profile = Profile(data)
        profile.set_up("127.0.0.1", 1, client.name)
        user = user or Answering()
        ConversationController.__init__(self, client, profile, user)
        self.shown, self.opened, self.written = [], [], []

    def show_code(self, text: str) -> None:
        """Remember a code."""
        self.shown.append(f"code: {text}")


At = Callable[..., Online]


def acquainted(ivan: Online, user: Users, name: Names, at: At) -> Online:
    """Return somebody who has written to Ivan, and has him open; Ivan has them open."""
    bob = at(user(name("bob")))
    bob.client.say(ivan.me, "hi")
    bob.current, ivan.current = ivan.me, bob.me
    return bob
