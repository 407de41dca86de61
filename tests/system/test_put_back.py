#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a journal has lost is brought to it again: each kind of document that `holdfast put-back` takes (deploy/guide/it.md "The journal, its backup, and what to do when it is gone").

A real controller with a broker. It records a trust, a register, assignments, a raise, an amendment, and lists of brokers; then journal and
marks are gone, it begins with the council folder, and the files that prove themselves bring all of it back. Policy D5.6, D9.2.
"""
import json
import shutil
import sys
import time

from common import check, write
from council_help import COUNCIL, contract, key
from whole_help import Council, inside


class Papers:
    """Envelopes in files, and what each is."""

    def __init__(self, folder):
        self.folder, self.made = folder, {}

    def put(self, name, document, value, *who):
        self.made[name] = contract.message(document, value, [key(w) for w in who])
        write(self.path(name), self.made[name])
        return contract.digest_of(self.made[name])

    def path(self, name):
        return f"{self.folder}/{name}.json"


def papers_of(council, folder):
    """All of them approved as the rules ask, and some that are not."""
    papers, now = Papers(folder), int(time.time())
    first = contract.document_of(council.trust)
    roots = ("root-1", "root-2")
    people = [*first["people"], contract.person("comms-3", ["comms", "accounts"], [key("stranger").public])]
    papers.put("trust-2", "trust", {**first, "epoch": 2, "people": people}, *roots)
    papers.put("trust-3", "trust", {**first, "epoch": 3, "people": [*people, contract.person("it-2", ["it"], [key("it-2").public])]}, *roots)
    register = {**contract.document_of(council.register), "version": 2}
    papers.put("register", "register", register, "comms-1", "stranger")
    papers.put("assignment", "assignment", contract.assignment(COUNCIL, "d7", 1, now, public=key("d1").public, people={"comms-2": "jane"}, groups=["staff"]), "it-1", "comms-1")
    raised = papers.put("raise", "order", contract.raise_order(COUNCIL, "emergency", "live", now - 60), "comms-1")
    papers.put("amend", "order", contract.amend_order(COUNCIL, "emergency", "live", now - 50, of=raised, rev=1, reason="More is known."), "comms-1")
    papers.put("release-by-one", "order", contract.release_order(COUNCIL, "emergency", "live", now, of=[raised]), "comms-1")
    papers.put("brokers-added", "brokers", {"council": COUNCIL, "version": 1, "issued": now, "brokers": [broker("old")]}, "it-1")
    papers.put("brokers", "brokers", {"council": COUNCIL, "version": 2, "issued": now, "brokers": [broker("next")]}, "it-1", "comms-1")
    papers.put("brokers-by-one", "brokers", {"council": COUNCIL, "version": 3, "issued": now, "brokers": [broker("thief")]}, "it-1")
    return papers


def broker(name):
    return {"id": name, "host": f"{name}.council.test", "port": 8883}


WHOLE = ("trust-2", "trust-3", "register", "assignment", "raise", "amend", "brokers-added", "brokers")


def what_is_known(server):
    """Of a controller: each thing that could be lost."""
    status, council = server.get("status")[1], server.get("council")[1]
    return {"epoch": status["trust_epoch"], "register": status["register_version"], "brokers": status["brokers_version"],
            "devices": sorted(contract.document_of(json.dumps(one).encode())["device"] for one in council["assignments"]),
            "lockdowns": [(one["phase"], one["rev"]) for one in status["lockdowns"]]}


def is_refused(council, papers):
    """What is not approved enough by what the controller knows, or comes before what it follows."""
    for name, says in (("trust-3", "Files are put back in their order"), ("register", "is not approved by what the controller knows"),
                       ("amend", "is not approved by what the controller knows"), ("release-by-one", "(too-few)")):
        done = council.says("put-back", papers.path(name))
        check(f"{name} is not put back before what it hangs on", done.code == 1 and says in done.err and not done.out, done)


def play(folder):
    council = Council(folder)
    papers, server = papers_of(council, folder), council.servers["c1"]
    try:
        check("broker and controller start", council.broker.start() and server.start(), server.log()[-600:])
        for name in WHOLE:
            code, answer = server.post(papers.made[name])
            check(f"recorded: {name}", code == 200 and answer["outcome"] == "recorded", answer)
        whole = what_is_known(server)
        check("all of it is known", whole["epoch"] == 3 and whole["register"] == 2 and whole["brokers"] == 2 and whole["devices"] == ["d7"] and
              whole["lockdowns"] == [("in force", 1)], whole)
        server.kill()
        for part in ("state", "state-mark"):
            shutil.rmtree(f"{server.folder}/{part}", ignore_errors=True)
        check("the journal and its marks are gone: it begins with the council folder", server.start(), server.log()[-600:])
        check("and knows nothing of it", what_is_known(server) == {"epoch": 1, "register": 1, "brokers": 0, "devices": [], "lockdowns": []}, what_is_known(server))
        is_refused(council, papers)
        done = council.says("put-back", *(papers.path(name) for name in WHOLE))
        check("all is put back with one command and no key", done.code == 0 and done.out.count("is recorded and published.") == len(WHOLE), done)
        check("and is as it was", what_is_known(server) == whole, what_is_known(server))
        check("D9.2: the emergency holds again", "IN FORCE: LIVE EMERGENCY" in council.says("status").out)
        done = council.says("put-back", *(papers.path(name) for name in WHOLE), "--json")
        check("again: nothing of it was lost, nor what another has followed", done.code == 0 and
              [one["outcome"] for one in done.json["put_back"]] == ["known"] * len(WHOLE), done)
        for name, says in (("release-by-one", "(too-few)"), ("brokers-by-one", "(too-few)")):
            done = council.says("put-back", papers.path(name))
            check(f"attack: {name} changes nothing", done.code == 1 and says in done.err and what_is_known(server) == whole, done)
    finally:
        council.end()


if __name__ == "__main__":
    sys.exit(inside(play))
