"""Unix sockets: only their owner can use them, at paths of any length."""

from pathlib import Path

import pytest

from messenger import unix_sockets


def talk(path: Path) -> None:
    """Check that somebody who connects at the path reaches whoever listens there."""
    with unix_sockets.listen(path) as listening, unix_sockets.connect(path, 60) as ours:
        listening.setblocking(True)
        theirs, _address = listening.accept()
        with theirs:
            ours.sendall("привет".encode())
            assert theirs.recv(100).decode() == "привет"


@pytest.mark.parametrize("depth", [0, 1, 12])
def test_a_path_may_be_longer_than_an_address(tmp_path: Path, depth: int) -> None:
    """Linux takes 107 bytes, and a user's directory may have more."""
    directory = tmp_path.joinpath(*["каталог %41"] * depth)
    directory.mkdir(parents=True, exist_ok=True)

    talk(directory / "admin.sock")

    assert (directory / "admin.sock").stat().st_mode & 0o777 == 0o600


def test_a_socket_that_nobody_listens_at_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "admin.sock"
    unix_sockets.listen(path).close()
    with pytest.raises(ConnectionRefusedError):
        unix_sockets.connect(path, 60)

    talk(path)

    unix_sockets.remove(path)
    unix_sockets.remove(path)
    assert not path.exists()


def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "admin.sock"
    path.write_text("notes")

    with pytest.raises(OSError, match="in use"):
        unix_sockets.listen(path)

    unix_sockets.remove(path)
    assert path.read_text() == "notes"


def test_a_name_that_is_too_long_everywhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(unix_sockets.PathTooLong):
        unix_sockets.listen(tmp_path / ("x" * 200))
