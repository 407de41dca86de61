#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""clients.py exec|open|connect|hello|upload WHERE N | serve - does one thing N times as the person and prints {"times", "ended"} as JSON.

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
BODY = bytes(4000000)


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


def upload(where):
    """One post of 4 MB in plain HTTP, until it is answered."""
    name, address = where.split("@")
    with socket.create_connection((address, 80), 30) as plain:
        plain.sendall(f"POST /post HTTP/1.1\r\nHost: {name}\r\nContent-Length: {len(BODY)}\r\nConnection: close\r\n\r\n".encode() + BODY)
        if not plain.recv(100):
            raise ConnectionAbortedError("it was not answered")


def serve():
    """WHAT WHERE N on a line of standard input: the seconds that each took on one of standard output; on one core, as its twin."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print("ready", flush=True)
    for line in sys.stdin:
        what, where, count = line.split()
        times = []
        for _ in range(int(count)):
            start = time.perf_counter()
            DEEDS[what](where)
            times.append(time.perf_counter() - start)
        print(json.dumps(times), flush=True)


DEEDS = {"exec": execute, "open": opens, "connect": connect, "hello": hello, "upload": upload}


def main():
    if sys.argv[1] == "serve":
        serve()
        return
    what, where, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    act, share = DEEDS[what], FEW if what == "open" else 1
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
