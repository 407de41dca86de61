# SPDX-License-Identifier: MIT
"""crowd.py SOCKET KIND N - so many connections of whoever runs it: idle, drip (a byte each now and then) or flood (whole requests).

One that is closed comes again. It prints a line once all have come for the first time, and goes on until it is killed.
"""
import contextlib
import resource
import socket
import subprocess
import sys
import time

ASK = b"GET /v1/devices HTTP/1.1\r\nHost: a\r\n\r\n"
AT_ONCE, TURN_S = 20, 0.01
KINDS = ("idle", "drip", "flood")


def come(path, kind, n, uid):
    """Such a crowd of this user, once it is there; its standard output is the caller's to close."""
    from common import drop  # noqa: PLC0415  (the crowd itself needs no other file)
    with open(__file__, encoding="utf-8") as file:  # its folder need not be open to that user
        program = file.read()
    process = subprocess.Popen([sys.executable, "-c", program, path, kind, str(n)], preexec_fn=drop(uid), stdout=subprocess.PIPE, text=True)
    if not process.stdout.readline():
        raise RuntimeError("the crowd does not come")
    return process


def one(path, kind):
    connection = socket.socket(socket.AF_UNIX)
    connection.setblocking(False)
    with contextlib.suppress(OSError):
        connection.connect(path)
        connection.send(ASK * AT_ONCE if kind == "flood" else b"")
    return connection


def say(connection, kind, turn):
    """OSError: it is closed."""
    with contextlib.suppress(BlockingIOError):
        if not connection.recv(65536):
            raise OSError
    with contextlib.suppress(BlockingIOError):
        if kind == "drip":
            connection.send(ASK[turn % AT_ONCE:turn % AT_ONCE + 1])
        elif kind == "flood":
            connection.send(ASK)


def main():
    path, kind, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    crowd = [one(path, kind) for _ in range(n)]
    print("here", flush=True)
    turn = 0
    while True:
        for i, connection in enumerate(crowd):
            try:
                say(connection, kind, turn)
            except OSError:
                connection.close()
                crowd[i] = one(path, kind)
        turn += 1
        time.sleep(TURN_S)


if __name__ == "__main__":
    main()
