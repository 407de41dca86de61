# SPDX-License-Identifier: MIT
"""forge - the attacker of the demonstration: somebody who has stolen the controller's key and its place at the broker.

Everything that can be done with that is done here for real; no officer's key is used but to make what officers could
have signed for another purpose.
"""
import base64
import json
import subprocess
import time

import contract
from stage import ENOUGH

WRITER, LISTENER = "controller:c2", "listener"
HOST = ["-h", "localhost", "-p", "8883", "--tls-version", "tlsv1.3"]
COUNCIL_ID = "cannock-chase"
TOPIC = f"holdfast/1/{COUNCIL_ID}/state/c1"


def broker_of(ca, certificate, key):
    return [*HOST, "--cafile", ca, "--cert", certificate, "--key", key]


def connection(ceremony, folder, name, passphrase):
    """What mosquitto's clients need to come to the broker under a name, with a certificate of the council's CA."""
    key, request, certificate = (f"{folder}/{name}.{end}" for end in ("key", "csr", "crt"))
    subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out",
                    request, "-subj", f"/CN={name}"], check=True, capture_output=True)
    subprocess.run(["openssl", "x509", "-req", "-in", request, "-CA", f"{ceremony}/broker/ca.crt", "-CAkey",
                    f"{ceremony}/sticks/ca/ca.key", "-passin", "stdin", "-CAcreateserial", "-CAserial", f"{folder}/{name}.srl", "-days", "2",
                    "-out", certificate], input=passphrase.encode(), check=True, capture_output=True)
    return broker_of(f"{ceremony}/broker/ca.crt", certificate, key)


def heard(broker, many):
    """So many state messages that the broker holds now."""
    done = subprocess.run(["mosquitto_sub", *broker, "-t", f"{TOPIC}/#", "-C", str(many), "-W", str(ENOUGH)], capture_output=True, check=False,
                          timeout=2 * ENOUGH)
    return [line for line in done.stdout.splitlines() if line]


def retained(broker):
    """The state messages that the broker holds now, as the controller signed them; each says how many there are."""
    return heard(broker, contract.document_of(heard(broker, 1)[0])["pages"])


def publish(broker, message):
    """Send a state as a second controller would, which every device hears."""
    subprocess.run(["mosquitto_pub", *broker, "-t", TOPIC.replace("/c1", "/c2"), "-q", "1", "-s"], input=message, check=True,
                   timeout=ENOUGH)


class Forger:
    """Makes forged states around the genuine one, of which all pages are handed over."""

    def __init__(self, ceremony, controller, passphrase, genuine):
        self.key = contract.Key.from_pem(f"{controller}/key.pem")
        self.officer = {name: contract.Key.from_pem(f"{ceremony}/people/{name}.pem", passphrase)
                        for name in ("comms-1", "monitoring-1", "it-1", "elections-1")}
        self.state = next(page for page in map(contract.document_of, genuine) if page["orders"])
        self.raised = next(o for o in self.state["orders"] if contract.document_of(o)["act"] == "raise")
        self.lockdown = contract.digest_of(self.raised)

    def _release(self, officers, of=None, mode="live"):
        order = contract.release_order(COUNCIL_ID, "emergency", mode, int(time.time()), of=[of or self.lockdown])
        return contract.envelope("order", order, [self.officer[o] for o in officers])

    def _altered(self, order, **changes):
        """Other words under the officers' genuine signatures."""
        payload = {**contract.document_of(order), **changes}
        return {**order, "payload": base64.b64encode(contract.compact(payload)).decode()}

    def _state(self, *orders):
        now = int(time.time())
        self.state.update(seq=self.state["seq"] + 1, issued=now, valid_until=now + 3600, page=0, pages=1, orders=list(orders))
        return contract.message("state", self.state, [self.key])

    def forgeries(self):
        """(what it is, the reason it must be refused for, the message), one by one."""
        both = ("comms-1", "monitoring-1")
        other = self._release(both, of="ab" * 32)
        drill = self._release(("comms-1",), mode="exercise")
        yield "a release that nobody approved", "unsigned", self._state(self._release(()))
        yield "a release with one approval", "too-few", self._state(self._release(("comms-1",)))
        yield "a release with one approval twice", "too-few", self._state(self._release(("comms-1", "comms-1")))
        yield "a release that the wrong role approved", "role", self._state(self._release(("comms-1", "it-1")))
        yield "the release of another lockdown, which is that one's alone", None, self._state(other)
        yield ("the release of another lockdown, altered to name this one", "signature",
               self._state(self._altered(other, of=[self.lockdown])))
        yield "the raise with other words in it", "signature", self._state(self._altered(self.raised, exempt=["comms-2"]))
        yield "an exercise's release that names this lockdown", "mismatch", self._state(drill)
        yield "a state with no order at all", "rollback", self._older()

    def _older(self):
        message = self._state()
        self.state["seq"] -= 2
        return contract.message("state", {**json.loads(base64.b64decode(json.loads(message)["payload"])),
                                          "seq": self.state["seq"]}, [self.key])
