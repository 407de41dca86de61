# SPDX-License-Identifier: MIT
"""What a row of the bypass suite is, and how it may end."""
import dataclasses
import typing

BLOCKED = "blocked"          # while locked no post of this attempt reaches a platform
NOT_STOPPED = "not-stopped"  # it does, and deploy/LIMITS.md says so, and why
OPEN = "open"                # it must: whoever is exempt, whatever is not a posting tool

# Which layers suffice for an end, each alternative by itself; a row whose layers are not there yet is skipped with that reason.
ANY = ((),)
BROWSER = (("browser",),)
NETWORK = (("network",),)
TABS = (("network",), ("extension",))
PROGRAMS = (("programs",),)
DESK = (("programs", "desk"),)
OTHER_BROWSER = (("network",), ("firefox",))


@dataclasses.dataclass
class Row:
    """attempt(stage, token) tries to post that token, and comes back when that has ended in whatever way."""
    name: str
    attempt: typing.Callable
    needs: tuple
    end: str = BLOCKED
    prepare: typing.Callable = None  # prepare(stage), once, while everything is open
    before: typing.Callable = None   # before(stage), while locked, just before the attempt: what the row is about
    posts: typing.Callable = None    # posts(stage): how many posts the attempt makes when nothing is blocked; 1 unless said
    says: str = ""                   # words that the report has after it was tried while locked
    listed: str = ""                 # of NOT_STOPPED: the words of deploy/LIMITS.md
    keeps: bool = False              # what was typed while locked may be posted after the all-clear
    alone: bool = True               # false: may run beside others of its kind
    after: bool = True               # false: not tried once more after the all-clear, which takes long
    control: bool = True             # false: another row of the same attempt shows that it works while open

    def lives(self, layers):
        return any(set(wanted) <= layers for wanted in self.needs)

    def waits_for(self):
        return " or ".join("+".join(wanted) for wanted in self.needs)


