#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What an ordinary user tries while units are killed: to open a listed program, and to ask a server for a listed host.

Runs as root on the machine that test_packages.py has booted, as `tries.py N UNIT...`: N times all processes of the units are
killed, and both are tried at once; then it prints how many tries passed. Without units it only tries. A try that nobody
answers has not passed (policy D9.2).
"""
import json
import os
import pwd
import socket
import ssl
import subprocess
import sys
import threading

TOOL, HOST, OTHER = "/usr/bin/toot", "x.com", "other.example"
PERSON = "ben"
WAIT_S = 10
PORT = 8443  # one of those on which names are looked at
SHOWN = b"arrived"


def hello(name):
    """The first bytes that a browser would send."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    try:
        context.wrap_bio(incoming, outgoing, server_hostname=name).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def serve(listener):
    """Says to everybody that what they sent has arrived."""
    while True:
        client, _ = listener.accept()
        client.settimeout(WAIT_S)
        try:
            if client.recv(1):
                client.sendall(SHOWN)
        except OSError:
            pass
        client.close()


def opens():
    try:
        os.close(os.open(TOOL, os.O_RDONLY))
    except PermissionError:
        return False
    return True


def reaches(name):
    with socket.socket() as client:
        client.settimeout(WAIT_S)
        try:
            client.connect(("127.0.0.1", PORT))
            client.sendall(hello(name))
            return client.recv(len(SHOWN)) == SHOWN
        except OSError:
            return False


def as_person(what, *arguments):
    """What it answers to that user."""
    person = pwd.getpwnam(PERSON)
    pid = os.fork()
    if pid == 0:
        os.setgroups([])
        os.setresgid(person.pw_gid, person.pw_gid, person.pw_gid)
        os.setresuid(person.pw_uid, person.pw_uid, person.pw_uid)
        os._exit(1 if what(*arguments) else 0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0


def main():
    n, units = int(sys.argv[1]), sys.argv[2:]
    listener = socket.create_server(("127.0.0.1", PORT), backlog=128)
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    opened = reached = 0
    for _ in range(n):
        if units:
            subprocess.run(["systemctl", "kill", "--signal=KILL", *units], check=True)
        opened += as_person(opens)
        reached += as_person(reaches, HOST)
    print(json.dumps({"opened": opened, "reached": reached, "others": as_person(reaches, OTHER)}))


if __name__ == "__main__":
    main()
