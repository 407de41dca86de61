#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The controller's figures, read by Prometheus' own parser, and the example alerts, tried by promtool, on a real broker and a real controller.

What a person is told before the night it matters is told a monitoring system, too; and nothing of it says who anybody is (D5.6, D9.2). HF_BUILD names the build folder.
"""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from prometheus_client.parser import text_string_to_metric_families

from common import ENOUGH, PEOPLE, check, closing, end, read, wait_for, write
from council_help import COUNCIL, contract, free_port, key
from test_controller import Office, raise_now

REPO = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ALERTS = f"{REPO}/deploy/monitoring/prometheus-alerts.yml"
SECRET = "Quiet words that nobody outside may read"


def by_socket(office):
    """(head, text) of GET /metrics on the officers' socket."""
    head, _, text = office.speak(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").partition(b"\r\n\r\n")
    return head.decode(), text.decode()


def by_port(port, path="/metrics", method="GET"):
    """(status, text) on the port."""
    with socket.create_connection(("127.0.0.1", port), ENOUGH) as s:
        s.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode())
        data = b"".join(iter(lambda: s.recv(65536), b"")).decode()
    head, _, text = data.partition("\r\n\r\n")
    return int(head.split()[1]), text


def figures(office):
    """{(name, ((label, value), ...)): figure}, by Prometheus' parser."""
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in text_string_to_metric_families(by_socket(office)[1]) for one in family.samples}


def of(found, name, **labels):
    return found.get((f"holdfast_{name}", tuple(sorted(labels.items()))))


def in_quiet_times(office, folder):
    head, text = by_socket(office)
    check("the format is the one that Prometheus reads", "Content-Type: text/plain; version=0.0.4" in head and text.endswith("\n"), head)
    families = list(text_string_to_metric_families(text))
    check("each figure has its own help and type, and stands once", len({f.name for f in families}) == len(families) and
          all(f.documentation and f.type in ("gauge", "counter") for f in families), families)
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    check("promtool finds nothing against the names", done.returncode == 0 and not done.stdout + done.stderr, done)
    found, status = figures(office), office.get("status")[1]
    states = {labels[0][1]: value for (name, labels), value in found.items() if name == "holdfast_devices"}
    check("ten states, and they add up", len(states) == 10 and sum(states.values()) == status["devices"] == 2 and states["unreached"] == 2, states)
    check("bus, journal, drafts, attention: as Status says them", (of(found, "bus_up"), of(found, "journal_records"), of(found, "drafts"), of(found, "attention")) ==
          (1, status["journal"]["size"], 0, len(status["attention"])), status)
    check("the journal has a size, and its disk room", of(found, "journal_bytes") >= os.path.getsize(f"{folder}/state/journal.db") and of(found, "journal_room") == 1 and
          of(found, "journal_disk_free_bytes") > 0, found)
    age = time.time() - of(found, "state_timestamp_seconds")
    check("the state's age", -2 < age < ENOUGH and of(found, "state_sequence") == status["seq"], age)
    wanted = {name: int(subprocess.run(["date", "-d", subprocess.run(["openssl", "x509", "-in", f"{folder}/ca/{file}.crt", "-noout", "-enddate"], capture_output=True, text=True,
              check=True).stdout.strip().split("=")[1], "+%s"], capture_output=True, text=True, check=True).stdout)
              for name, file in (("ca", "ca"), ("controller", "controller"), ("broker", "server"))}
    check("when each certificate ends, as openssl says it", {name: of(found, "certificate_expiry_timestamp_seconds", certificate=name) for name in wanted} == wanted, wanted)
    check("which version", [labels for (name, labels), value in found.items() if name == "holdfast_build_info" and value == 1], found)
    check("every series is there before anything happened", of(found, "lockdowns", kind="emergency", mode="live", phase="in force") == 0 and
          of(found, "reports_refused_total", reason="signature") == 0 and of(found, "documents_refused_total", reason="signature") == 0 and of(found, "reports_total") == 0, found)


def in_an_emergency(office):
    data, digest = raise_now(reason=SECRET, holding=[contract.holding("x:CannockChaseDC", SECRET, "comms-2", 15)])
    office.post(data)
    office.report("d1", 1, [(digest, "emergency", "live", 0, "enforced-verified")])
    check("the report is taken", wait_for(lambda: office.device("d1")["state"] == "enforced-verified"))
    found = figures(office)
    check("an emergency is one lockdown in force", of(found, "lockdowns", kind="emergency", mode="live", phase="in force") == 1, found)
    check("one device enforces it, one does not", (of(found, "devices", state="enforced-verified"), of(found, "devices", state="unreached"), of(found, "devices_not_enforced"),
          of(found, "reports_total")) == (1, 1, 1, 1), found)
    office.report("d2", 1, [(digest, "emergency", "live", 0, "enforced-verified")], signer="d1")
    check("attack: another device's key is counted by its reason", wait_for(lambda: of(figures(office), "reports_refused_total", reason="signature") == 1), figures(office))
    status = office.post(raise_now(people=("elections-1",))[0])[0]
    check("attack: so is who may not raise", status == 400 and sum(value for (name, _), value in figures(office).items() if name == "holdfast_documents_refused_total") == 1, status)
    release = contract.message("order", contract.release_order(COUNCIL, "emergency", "live", int(time.time()), of=[digest]), [key("comms-1")])
    office.post(release)
    check("a draft waits", of(figures(office), "drafts") == 1)
    office.broker.publish("d1", "device/d1/report", b"x")
    check("rubbish is counted, too", wait_for(lambda: of(figures(office), "reports_refused_total", reason="json") == 1), figures(office))
    text = by_socket(office)[1]
    told = [word for word in (*PEOPLE, "d1", "d2", "CannockChase", SECRET, digest[:12], COUNCIL) if re.search(rf"\b{re.escape(word)}\b", text)]
    check("attack: no word of a person, a device, an account or a lockdown", not told, told)


def on_a_port(office, port):
    status, text = by_port(port)
    check("the port of the loopback address gives the same", status == 200 and {line.split("{")[0].split(" ")[0] for line in text.splitlines()} ==
          {line.split("{")[0].split(" ")[0] for line in by_socket(office)[1].splitlines()}, text)
    others = {path: by_port(port, path)[0] for path in ("/", "/v1/status", "/v1/devices", "/v1/council", "/v1/outbox", "/metrics/")}
    check("attack: nothing else is there", set(others.values()) == {404}, others)
    posts = {path: by_port(port, path, "POST")[0] for path in ("/metrics", "/v1/envelopes", "/v1/exports", "/v1/outbox")}
    check("attack: and nothing is taken", posts == {"/metrics": 405, "/v1/envelopes": 404, "/v1/exports": 404, "/v1/outbox": 404}, posts)
    listening = subprocess.run(["ss", "-Hltn", f"sport = :{port}"], capture_output=True, text=True, check=True).stdout.split()
    check("it listens at the loopback address alone", f"127.0.0.1:{port}" in listening and not {f"*:{port}", f"0.0.0.0:{port}", f"[::]:{port}"} & set(listening), listening)
    hang = [socket.create_connection(("127.0.0.1", port), ENOUGH) for _ in range(40)]
    check("attack: forty that ask nothing keep neither officers nor Prometheus out", office.get("status")[0] == 200 and by_port(port)[0] == 200)
    for s in hang:
        s.close()


def taken_port(office):
    office.stop()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        check("a port that is taken holds nothing back", office.start(metrics__port=other.getsockname()[1]) and "gives no figures" in office.log(), office.log()[-700:])
    office.stop()
    check("a setting that is no port is refused", not office.refuses("metrics.port", metrics__port=70000), office.log()[-300:])


def without(office, folder):
    """What is not there is absent or 0, never what it was."""
    check("started without a broker, and with a certificate that is none", (office.broker.kill(), write(f"{folder}/none.crt", "none"), office.launch(metrics__broker_certificate=f"{folder}/none.crt"))
          and wait_for(lambda: os.path.exists(office.socket) and answers(office)))
    found = figures(office)
    check("the broker is not reached; its certificate has no figure", of(found, "bus_up") == 0 and of(found, "certificate_expiry_timestamp_seconds", certificate="broker") is None and
          of(found, "certificate_expiry_timestamp_seconds", certificate="ca") > 0, found)


def answers(office):
    try:
        return by_socket(office)[1]
    except OSError:
        return False


def prometheus(office, port, folder):
    """The real one scrapes the port with the rules that ship, and an alert that is due goes off."""
    rules = read(ALERTS).replace("for: 2m", "for: 0s").replace("for: 5m", "for: 0s")
    write(f"{folder}/alerts.yml", rules)
    at = free_port()
    write(f"{folder}/prometheus.yml", f"global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: [{folder}/alerts.yml]\n"
          f"scrape_configs:\n  - job_name: holdfast\n    static_configs: [{{targets: ['127.0.0.1:{port}']}}]\n")
    with open(f"{folder}/prometheus.log", "wb") as log:
        server = subprocess.Popen(["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb", f"--web.listen-address=127.0.0.1:{at}"], stdout=log, stderr=log)

    def alerts():
        try:
            with socket.create_connection(("127.0.0.1", at), ENOUGH) as s:
                s.sendall(b"GET /api/v1/alerts HTTP/1.0\r\n\r\n")
                return b"".join(iter(lambda: s.recv(65536), b"")).decode()
        except OSError:
            return ""
    try:
        check("Prometheus scrapes it, and says that a lockdown is not on every laptop", wait_for(lambda: "HoldfastNotEnforced" in alerts()), read(f"{folder}/prometheus.log")[-1500:])
        said = alerts()
        check("and no alert goes off that is not due", not any(name in said for name in ("HoldfastControllerDown", "HoldfastBusDown", "HoldfastStateOld", "HoldfastTampered", "HoldfastUnheard", "HoldfastJournalFull")), said)
        check("the certificates of this test end in two days: that is said, too", wait_for(lambda: "HoldfastCertificateEndsNow" in alerts()))
        office.broker.kill()
        check("it says so when the broker is gone", wait_for(lambda: "HoldfastBusDown" in alerts()))
        office.kill()
        check("and when the controller is", wait_for(lambda: "HoldfastControllerDown" in alerts()))
    finally:
        end(server)


def alerts_ship(office):
    done = subprocess.run(["promtool", "check", "rules", ALERTS], capture_output=True, text=True, check=False)
    check("promtool accepts the example alerts", done.returncode == 0 and "SUCCESS" in done.stdout, done)
    known = {name for name, _ in figures(office)}
    used = set(re.findall(r"\bholdfast_[a-z_]+", read(ALERTS)))
    check("each figure that an alert looks at exists", used and used - known <= {"holdfast_backup_made_timestamp_seconds", "holdfast_backup_tested_timestamp_seconds"}, used - known)
    api = read(f"{REPO}/controller/API.md")
    check("each figure stands in the interface's description", not [name for name in known if name not in api], known)


def main():
    if not (shutil.which("promtool") and shutil.which("prometheus")):
        sys.exit("prometheus is missing: deploy/install-packages test")
    with tempfile.TemporaryDirectory() as folder:
        office = Office(folder)
        port = free_port()
        own = {"metrics__port": port, "metrics__broker_certificate": f"{folder}/ca/server.crt"}
        try:
            check("broker and controller start", office.broker.start() and office.start(**own), office.log())
            in_quiet_times(office, folder)
            in_an_emergency(office)
            on_a_port(office, port)
            alerts_ship(office)
            prometheus(office, port, folder)
            without(office, folder)
            office.stop()
            office.broker.start()
            taken_port(office)
        finally:
            end(office.controller)
            office.broker.kill()
    return closing()


if __name__ == "__main__":
    sys.exit(main())
