"""A question of the line client stands behind what it is about, and waits for the answer there."""

from pathlib import Path

from tests.console.terminal import Terminal
from tests.running import PASSWORD, Talker, running


def test_what_is_reported_is_shown_before_the_question(tmp_path: Path) -> None:
    with running(tmp_path / "server") as server, Talker(server.port) as link:
        link.register("Маллори")
        link.log_in("Маллори")
        where = ("127.0.0.1", str(server.port), "-n", "Анна", "--register")
        with Terminal(*where, data=tmp_path) as terminal:
            for asked in ("New password of Анна:", "Repeat:"):
                terminal.expect(asked)
                terminal.type(PASSWORD)
            terminal.expect("You are Анна", "#all>")
            for word in ("first", "second", "third"):
                link.ask("msg", to="#all", message=word)
                terminal.expect(f"Маллори: {word}")

            terminal.type("/report Маллори 3 rude")
            terminal.expect("Report Маллори? [y/N]")
            terminal.expect_count("Маллори: third", 2)

            assert terminal.shown.rstrip().endswith("Report Маллори? [y/N]")
            terminal.type("y")
            terminal.expect("The administrators will see your report")
            terminal.leave()
