"""Takes part with nothing but `socket` and `json`: run `python examples/plain_client.py NAME`.

Lines that you type go to everyone; what others write is printed. The end of the input leaves.
"""

import json
import socket
import sys
import threading
import time


def send(connection: socket.socket, action: str, **keys: object) -> None:
    request = {"action": action, "time": time.time(), **keys}
    connection.sendall(json.dumps(request).encode() + b"\n")


def listen(connection: socket.socket) -> None:
    for line in connection.makefile("rb"):
        found = json.loads(line)
        if found.get("action") == "msg":
            show(f"{found['from']}: {found['message']}")
        elif "error" in found:
            show(found["error"])


def show(text: str) -> None:
    # What others write must not control the terminal.
    print("".join(filter(str.isprintable, text)), flush=True)


def controller(name: str, address: str = "127.0.0.1", port: str = "7777") -> None:
    with socket.create_connection((address, int(port))) as connection:
        send(connection, "presence", user={"account_name": name, "status": ""})
        threading.Thread(target=listen, args=(connection,), daemon=True).start()
        for line in sys.stdin:
            send(connection, "msg", to="#all", message=line.rstrip("\n"))
        send(connection, "quit")


if __name__ == "__main__":
    controller(*sys.argv[1:])
