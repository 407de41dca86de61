#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""clients.py exec|open|connect|hello WHERE N - does one thing N times as the person and prints {"times", "ended"} as JSON.

times: the seconds of each; ended: the connections that this machine ended on the way, each of which was tried again.
"""
import json
import os
import socket
import ssl
import sys
import time

FEW = 20  # opens are timed that many at a time: one is shorter than asking the clock is exact
ANYBODY = ssl._create_unverified_context()


def execute(path):
    os.waitpid(os.posix_spawn(path, [path], {}), 0)


def opens(path):
    for _ in range(FEW):
        os.close(os.open(path, os.O_RDONLY))


def connect(address):
    socket.create_connection((address, 443), 10).close()


def hello(where):
    """A new connection until its handshake is done."""
    name, address = where.split("@")
    with socket.create_connection((address, 443), 10) as plain, ANYBODY.wrap_socket(plain, server_hostname=name):
        pass


def main():
    what, where, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    act, share = {"exec": (execute, 1), "open": (opens, FEW), "connect": (connect, 1), "hello": (hello, 1)}[what]
    times, ended = [], 0
    while len(times) <= count:  # the first is not counted
        start = time.perf_counter()
        try:
            act(where)
        except ConnectionAbortedError:
            ended += 1
            if ended > count:
                raise
            continue
        times.append((time.perf_counter() - start) / share)
    print(json.dumps({"times": times[1:], "ended": ended}))


if __name__ == "__main__":
    main()
