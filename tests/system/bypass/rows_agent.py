# SPDX-License-Identifier: MIT
"""policy D9.2: the lockdown outlives what is done to the agent: by its user, by a kill, by the clock, by a reboot."""
import os
import signal

from enforce_help import fences

from test_agent import AGENT

from .laptop import ACCOUNT, MANAGED, POSTER
from .rows import DESK, OPEN, PROGRAMS, Row
from .rows_machine import INSIDE, OUTSIDE, SHORT

FORGE = ("import socket, sys\ns = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)\ns.connect(sys.argv[1])\n"
         "s.send(sys.argv[2].encode())\nprint(s.recv(1000))\n")


def doors(s):
    """What every post of the pulse goes through: a listed program, a page, and a client where the network is a layer."""
    return ["program", "page"] + (["client"] if "network" in s.layers else [])


def pulse(s, token):
    """One try by each door."""
    s.run(s.alice, [POSTER, *SHORT, "-d", token, OUTSIDE])
    started = s.last_words
    if s.web.visit("https://x.com/"):
        s.web.run("post(a[0])", None, token)
    if "network" in s.layers:
        s.run(s.alice, ["/usr/bin/curl", *SHORT, "-d", token, INSIDE])
    s.last_words = f"program: {started[-100:]}; client: {s.last_words[-100:]}"


def posts(s):
    return len(doors(s))


def user_tries(*words):
    def before(s):
        command = words
        pids = {"AGENT": str(s.laptop.agent.pid), "FENCE": str((fences() or [1])[0])}
        for name, pid in pids.items():
            command = [part.replace(name, pid) for part in command]
        s.run(s.alice, command)
    return before


def forges(path, text):
    return user_tries("/usr/bin/python3", "-c", FORGE, path, text)


def killed(s):
    s.laptop.die()


def killed_and_started(s):
    s.laptop.die()
    s.starts()


def fence_killed(s):
    for pid in fences():
        os.kill(pid, signal.SIGKILL)
    s.settles()


def clock(shift):
    """The agent lives by another clock; the real one is left alone."""
    def before(s):
        s.laptop.die()
        s.starts(LD_PRELOAD=s.other_clock, FAKETIME=shift, FAKETIME_DONT_FAKE_MONOTONIC="1")
    return before


def rebooted(s):
    s.laptop.reboot()
    s.starts()


def memory_lost(s):
    """Whoever can do that is no ordinary user; a broken disk can."""
    s.laptop.die()
    s.forget_memory()
    s.starts()


def row(name, before, needs=PROGRAMS, **more):
    return Row(name, pulse, needs, before=before, posts=posts, control=not before, **more)


BY_THE_USER = [
    row("nothing is done at all", None),
    row("its user ends the agent and its fence", user_tries("sh", "-c", "kill -9 AGENT FENCE; kill -STOP AGENT FENCE")),
    row("its user removes the policies", user_tries("sh", "-c", f"rm -rf {MANAGED}; mv {MANAGED} {MANAGED}.old; echo > {MANAGED}/z.json")),
    row("its user flushes the rules", user_tries("sh", "-c", "nft flush ruleset; unshare -Urn nft flush ruleset")),
    row("its user asks the agent for a release", forges("/run/holdfast-agent/person.sock", '{"ask":"release","reads":0}')),
    row("its user comes as a link with an all-clear", forges("/run/holdfast-agent/link.sock", "holdfast/1/cannock-chase/state/c1\n{}")),
    row("its user writes into the agent's memory", user_tries("sh", "-c", "echo 0 > /proc/AGENT/mem; cat /proc/FENCE/mem > /dev/null")),
    row("its user asks for a posting window", user_tries(AGENT, "pass", ACCOUNT)),
    row("its user asks for one in another's name", forges("/run/holdfast-agent/person.sock", '{"ask":"pass","account":"x:CannockChaseDC","person":"comms-1"}')),
    row("its user says that they are root to the agent", user_tries("unshare", "-Ur", "/usr/bin/python3", "-c", FORGE, "/run/holdfast-agent/link.sock", "hello")),
    row("its user starts the listed program 400 times at once", user_tries("sh", "-c", f"for i in $(seq 400); do {POSTER} -V & done; wait")),
    row("its user sets the clock", user_tries("date", "-s", "2030-01-01")),
    row("its user kills the desk", user_tries("sh", "-c", "kill -9 $(pgrep -u $(id -u) holdfast-desk)"), DESK),
]
LIVES = [
    row("the fence is killed", fence_killed),
    row("the agent is killed", killed),
    row("the agent is started again", killed_and_started),
    row("the clock is years ahead", clock("+900d")),
    row("the clock is years behind", clock("-900d")),
]
# In a second lockdown, in whose raise and release the agent was killed as well.
SECOND_LIVES = [
    row("the raise met the agent's death", None),
    row("the machine is rebooted, without network", rebooted),
    row("the agent's memory is lost, and a designated officer goes on", memory_lost, end=OPEN),
]
