"""Programs in pipes share a profile; each is another device."""

from pathlib import Path

from messenger.sdk.profiles import Profile
from tests.sdk.test_profiles import profile


def test_programs_in_pipes_are_devices_of_their_own(tmp_path: Path) -> None:
    made = profile(tmp_path)
    main = made.open_store()
    main.put("token", "the token")
    main.put("server_key", "the key")
    others = [Profile(made.directory) for _ in range(2)]
    pipes = [other.open_pipe() for other in others]

    devices = [store.get("device") for store in (main, *pipes)]
    assert devices[1:] == [f"{devices[0]}.1", f"{devices[0]}.2"]
    assert [store.get("token") for store in pipes] == ["the token"] * 2
    assert [store.get("server_key") for store in pipes] == ["the key"] * 2
    pipes[0].put("identity", "keys")
    pipes[0].add_unsent("bob", "ann", "text", "1", 1.0)
    others[0].close_pipe(pipes[0])
    others[0].release()
    again = Profile(made.directory).open_pipe()
    assert again.get("identity") == "keys"
    assert again.count_unsent() == 0
    assert not again.lasting


def test_what_a_pipe_learns_the_profile_knows_too(tmp_path: Path) -> None:
    """Such as a server's new key, once `--trust` has said that it is right."""
    made = profile(tmp_path, "Иван")
    main = made.open_store()
    main.put("server_key", "the old key")
    main.close()
    pipe = made.open_pipe()
    pipe.put("server_key", "the new key")
    made.close_pipe(pipe)
    made.release()

    assert made.open_store().get("server_key") == "the new key"


def test_a_pipe_brings_back_nothing_that_the_profile_has_forgotten(tmp_path: Path) -> None:
    made = profile(tmp_path, "Иван")
    main = made.open_store()
    main.put("secret", "of the account")
    pipe = made.open_pipe()
    main.forget_device()
    made.close_pipe(pipe)
    made.release()
    assert main.get("secret") is None

    pipe = made.open_pipe()
    assert pipe.get("secret") is None
    made.close_pipe(pipe)
    made.release()
    assert main.get("secret") is None
