"""Matrix's own crypto (matrix-sdk-crypto, in Node) decrypts what we encrypt, and vice versa."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import vodozemac

from messenger.crypto.devices import Device, parse_device, parse_one_time_key
from messenger.crypto.identity import Identity
from messenger.crypto.messages import decrypt, encrypt, read_encrypted, room_key
from messenger.crypto.names import room_id, user_id
from messenger.crypto.to_device import encrypt_to_device, read_envelope, read_to_device

PACKAGE = "@matrix-org/matrix-sdk-crypto-wasm@18"
HERE = Path(__file__).parent
ROOM = room_id("web", "ann")

Peer = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory where Node finds the package; skips the tests without Node or its registry."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node is not installed")
    directory = tmp_path_factory.mktemp("node")
    (directory / "package.json").write_text("{}")
    command = ["npm", "install", "--no-audit", "--no-fund", PACKAGE]
    try:
        subprocess.run(command, cwd=directory, check=True, capture_output=True, timeout=60)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"{PACKAGE} cannot be installed: {error}")
    return directory


@pytest.fixture
def peer(packages: Path) -> Iterator[Peer]:
    """A function that sends commands to the other device: `peer("keys")`."""
    process = subprocess.Popen(
        ["node", str(HERE / "peer.mjs"), str(packages), user_id("web")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def ask(command: str, **values: Any) -> dict[str, Any]:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"command": command, **values}) + "\n")
        process.stdin.flush()
        answer: dict[str, Any] = json.loads(process.stdout.readline())
        assert "failed" not in answer, answer
        return answer

    yield ask
    assert process.stdin is not None
    process.stdin.close()
    process.wait(60)


def dumps(value: Any) -> bytes:
    return json.dumps(value).encode()


def device_of(keys: dict[str, Any]) -> Device:
    return parse_device("web", "WEB", dumps(keys["device_keys"]))


def test_matrix_decrypts_what_we_encrypt(peer: Peer) -> None:
    ann = Identity("ann", "D1")
    keys = peer("keys")
    web = device_of(keys)
    key = parse_one_time_key(web, dumps(next(iter(keys["one_time_keys"].values()))))
    megolm = vodozemac.GroupSession()
    content = room_key(megolm, ROOM)
    message = encrypt_to_device(ann, ann.begin(web, key), web, "m.room_key", content)

    peer("to_device", sender=user_id("ann"), content=json.loads(message))
    for text in ("hello", "и тебе привет 👋"):
        encrypted = encrypt(ann, megolm, ROOM, "0192", text)
        decrypted = peer("decrypt", sender=user_id("ann"), room=ROOM, content=json.loads(encrypted))
        assert decrypted["content"]["body"] == text


def test_we_decrypt_what_matrix_encrypts(peer: Peer) -> None:
    ann = Identity("ann", "D1")
    web = device_of(peer("keys"))
    name, key = next(iter(ann.new_one_time_keys(1).items()))
    answer = peer(
        "encrypt",
        to=user_id("ann"),
        device="D1",
        deviceKeys=json.loads(ann.device_keys),
        oneTimeKey={name: json.loads(key)},
        room=ROOM,
        text="привет from the web",
    )

    envelope = read_envelope(ann, json.dumps(answer["to_device"][0]))
    _session, plaintext = ann.accept(envelope.sender_key, envelope.message)
    message = read_to_device(ann, "web", envelope.sender_key, plaintext)
    assert message.type == "m.room_key"
    assert message.sender.ed25519 == web.ed25519
    session = vodozemac.InboundGroupSession(vodozemac.SessionKey(message.content["session_key"]))
    encrypted = read_encrypted(json.dumps(answer["message"]))
    assert decrypt(encrypted, session, ROOM, "web", "").text == "привет from the web"
