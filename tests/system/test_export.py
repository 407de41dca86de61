#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What people ask of a record (policy D5.6-5.7): the story of one lockdown, and the export that a third party can check.

A real controller records a whole lockdown. Every figure is made again from the entries by other code (story_recount.py).
HF_BUILD names the build folder.
"""
import base64
import contextlib
import csv
import html.parser
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

from common import ENOUGH, check, closing, end_process, read, wait_for, write
from council_help import COUNCIL, Terminal, contract, key
from story_recount import Recount, STATES
from test_audit import head, hashes_of, with_go
from test_controller import raise_now, release_now
from test_mail import Post, X, hold

WORDS = "Fire at the depot: ring Anna Berg on 07700 900123."
SECRETS = ("Anna Berg", "Bo Carter", "anna@example.org", "bo@example.org", "07700 900123", "07700900123", "07700 900456")


class Page(html.parser.HTMLParser):
    """Cells of the tables, by their id, and the lines of the figures, by their title."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.figures, self.open, self.table, self.title = {}, {}, [], None, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        if tag == "table":
            self.table = self.tables.setdefault(dict(attrs)["id"], [])
        elif tag == "tr" and "tbody" in self.open:
            self.table.append([])
        elif tag == "td":
            self.table[-1].append("")

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        last = self.open[-1] if self.open else ""
        if last == "td":
            self.table[-1][-1] += data
        elif last == "h3":
            self.title = data
        elif last == "li":
            self.figures.setdefault(self.title, []).append(data)


def numbers(lines):
    return [int(n) for n in re.findall(r"\d+", " ".join(lines).replace("95 in 100", ""))]


def report_is_true(titles, whole, lockdown):
    """Every number of the report that names nobody is one that other code makes of the entries."""
    recount, page = recounted(lines_of(whole), lockdown), Page(read(f"{titles}/report.html"))
    f, lists = recount.figures(), list(page.figures.values())
    wants = [[f["verified"], f["devices"], f["first_s"], f["half_s"], f["most_s"]], [f["posts_made"], f["posts_asked"], f["post_median_s"]],
             [f["people_told"], f["people_asked"], f["messages_sent"], f["messages_failed"], f["messages_unknown"]], [f["schedulers_paused"]],
             [f["refused_signed"] + f["refused_other"], f["refused_signed"], f["refused_other"]],
             [f["allclear_s"], f["allclear_signing_s"], f["released_verified"], f["devices"], f["released_last_s"]]]
    never = [n for d, row in recount.device_rows().items() if row[2] is None for n in numbers([d])]
    found = [numbers(lines) for lines in lists]
    check("report: the six figures", found == [[n for n in want if n is not None] + (never if i == 0 else []) for i, want in enumerate(wants)], (found, wants))
    rows = [[str(after), str(record), *(str(n) for n in (c["devices"], c["enforced-verified"] + c["message-seen"] + c["exempt"],
             c["released-verified"] + c["released-unverified"], c["received"] + c["enforced-unverified"], c["stale"] + c["unreached"], c["tampered"]))]
            for record, after, _, c in recount.timeline()]
    check("report: the time line", [[r[1], r[2], *r[4:]] for r in page.tables["times"]] == rows, (page.tables["times"], rows))
    odd = {row[0]: row[1:] for row in page.tables["odd-devices"]}
    said = {d: ["" if n is None else str(n) for n in row] for d, row in recount.device_rows().items() if d in odd}
    check("report: devices to look at", odd == said, (odd, said))
    check("report: messages and refusals", len(page.tables["undelivered"]) == f["messages_failed"] + f["messages_unknown"] and
          sum(int(r[3]) for r in page.tables["refused"]) == f["refused_signed"] + f["refused_other"], page.tables)


class Council(Post):
    """Three devices, one of which never speaks; people with names, addresses and numbers."""

    def make_council(self):
        super().make_council()
        a = contract.assignment(COUNCIL, "d3", 1, int(time.time()) - 60, public=key("d3").public, people={"h1": "annaberg"}, groups=["civic-centre"])
        write(f"{self.folder}/council/assignments/d3.json", contract.message("assignment", a, [key("it-1"), key("comms-1")]))
        self.trust["people"][0]["name"] = "Anna Berg"
        write(f"{self.folder}/council/trust/1.json", contract.message("trust", self.trust, [key("root-1"), key("root-2")]))
        self.people(["comms-1,Anna Berg,Head of Communications,anna@example.org,07700 900123",
                     "h1,Bo Carter,=Social media officer,bo@example.org,07700 900456,yes", "h2,,,h2@example.org,", "*list,,,all@example.org,"])

    def rows(self):
        with contextlib.closing(sqlite3.connect(f"{self.folder}/state/journal.db")) as db:
            names = ("seq", "at", "kind", "digest", "body", "prev", "hash")
            return [dict(zip(names, row)) for row in db.execute("SELECT seq, at, kind, digest, body, prev, hash FROM journal ORDER BY seq")]

    def says(self, device, counter, lockdown, standing, **more):
        doc = contract.report(COUNCIL, device, counter, int(time.time()), lockdowns=[(lockdown, "emergency", "live", more.pop("rev", 0), standing)])
        before = self.get("status")[1]["journal"]["size"]
        self.broker.publish(device, f"device/{device}/report", contract.message("report", {**doc, **more}, [key(device)]))
        return wait_for(lambda: self.get("status")[1]["journal"]["size"] > before)


def posting(lockdown, state, post="", why=""):
    return {"lockdown": lockdown, "account": X, "person": "h1", "state": state, "at": int(time.time()), "post": post, "why": why,
            "text": contract.instructions_digest(hold()["text"])}


def three(office):
    """The first records, as test_audit takes them."""
    return [tuple(row.values()) for row in office.rows()[:3]]


def lockdown_played(office):
    """One lockdown from raise to all-clear: late, silent and tampered devices, a post, messages, a refusal."""
    data, lockdown = raise_now(reason=WORDS, holding=[hold()])
    check("raised", office.post(data)[1].get("outcome") == "recorded")
    _, other = raise_now(reason="Another.")
    office.says("d1", 1, lockdown, "received")
    office.says("d1", 2, lockdown, "enforced-verified")
    office.says("d2", 1, lockdown, "enforced-unverified")
    office.says("d2", 2, lockdown, "tampered")
    office.says("d2", 3, lockdown, "message-seen")
    office.says("d1", 3, lockdown, "enforced-verified", postings=[posting(lockdown, "open")])
    office.says("d1", 4, lockdown, "enforced-verified", postings=[posting(lockdown, "posted", "https://x.com/CannockChaseDC/1", "Anna Berg helped")])
    messages = office.tell(act="take", session="s1")[1]["outbox"]
    for i, row in enumerate(messages):
        office.tell(act="begin", id=row["id"], session="s1")
        office.tell(act="outcome", id=row["id"], session="s1", outcome="refused" if i == 0 else "sent", code=550 if i == 0 else 250, line="")
    check("a release of what nobody knows is refused", office.post(release_now([other], ["comms-1"]))[0] == 400)
    one = release_now([lockdown], ["comms-1"])
    check("a release is a draft", office.post(one)[1].get("outcome") == "draft")
    check("and recorded", office.post(contract.compact(contract.add_signature(one, key("monitoring-1"))))[1].get("outcome") == "recorded")
    office.says("d1", 5, lockdown, "released-verified", logs=[{"controller": "c1", "key": key("c1").keyid, "seq": 1, "size": 3, "root": head(hashes_of(three(office))).hex()}])
    office.says("d2", 4, lockdown, "released-unverified")
    office.says("d2", 5, lockdown, "released-verified")
    return lockdown


def recounted(rows, lockdown):
    recount = Recount(lockdown)
    for row in rows:
        recount.take(row)
    return recount


def story_is_true(office, terminal, lockdown):
    """By the journal of a controller that runs, and nothing else."""
    state = f"{office.folder}/state"
    done = terminal("audit", "story", lockdown, "--journal", state, "--json")
    story, recount = done.json, recounted(office.rows(), lockdown)
    check("each figure is that of other code", done.code == 0 and story["figures"] == recount.figures(), (story and story["figures"], recount.figures(), done.err))
    told = [(e["record"], e["at"] - story["raised"]["at"], e["what"], e["counts"]) for e in story["timeline"]]
    check("each row of the time line, with the counts of that moment", told == recount.timeline(), [x for x in zip(told, recount.timeline()) if x[0] != x[1]])
    silent = {d["device"]: (d["state"], d["received_s"], d["verified_s"], d["released_s"], d["tampered"], len(d["silent"]),
                            sum(s["back"] - s["since"] for s in d["silent"])) for d in story["devices"]}
    check("each device", silent == recount.device_rows(), (silent, recount.device_rows()))
    counts = [e["counts"] for e in story["timeline"]]
    check("counts add up", all(sum(c[s] for s in STATES) == c["devices"] == 3 for c in counts), counts)
    check("who raised it, and who gave the all-clear", story["raised"]["by"] == ["comms-1"] and story["released"]["by"] == ["comms-1", "monitoring-1"], story)
    check("entries, and nothing that could not be read", story["record"]["size"] == len(office.rows()) and story["unread"] == 0, story["record"])
    text = terminal("audit", "story", lockdown[:12], "--journal", state)
    check("as text, by the beginning of its id", text.code == 0 and text.out.startswith("Emergency lockdown\n") and "never: d3" in text.out and
          WORDS in text.out and "https://x.com/CannockChaseDC/1" in text.out, text)


def story_slips(office, terminal, lockdown):
    state = f"{office.folder}/state"
    release = next(r["digest"] for r in office.rows() if r["kind"] == "order" and r["digest"] != lockdown)
    rows = [("of no lockdown", ["ab" * 32], 1, "has no order whose id begins with"), ("no id", ["x:1"], 2, "The id of a lockdown is wanted"),
            ("too little of it", ["ab"], 2, "The id of a lockdown is wanted"), ("of a release", [release], 1, "has no lockdown with the id")]
    for what, words, code, says in rows:
        done = terminal("audit", "story", *words, "--journal", state)
        check(f"audit story: {what}", done.code == code and says in done.err, done)
    done = terminal("audit", "story", lockdown, "--journal", f"{office.folder}/ca")
    check("audit story: no journal there", done.code == 1 and "there is no journal" in done.err, done)


def exported(office, terminal, name, *words):
    out = f"{office.folder}/{name}"
    done = terminal("audit", "export", "--out", out, "--journal", f"{office.folder}/state", "--people", f"{office.folder}/people.csv", *words)
    return done, out


def all_of(folder):
    """Every byte of an export, and what is inside of its base64."""
    found = {name: read(f"{folder}/{name}") for name in os.listdir(folder)}
    for name, text in list(found.items()):
        for i, word in enumerate(re.findall(r"[A-Za-z0-9+/]{24,}={0,2}", text)):
            with contextlib.suppress(ValueError):
                found[f"{name} base64 {i}"] = base64.b64decode(word + "=" * (-len(word) % 4)).decode(errors="replace")
    return found


def secrets_in(folder, secrets=SECRETS):
    return [(name, secret) for name, text in all_of(folder).items() for secret in secrets if secret.lower() in text.lower()]


def lines_of(folder, name="records.jsonl"):
    return [json.loads(line) for line in read(f"{folder}/{name}").splitlines()]


def nobody_is_named(office, terminal, lockdown):
    """Titles are the default; what people wrote does not go out unless somebody has read it."""
    done, out = exported(office, terminal, "titles", "--lockdown", lockdown)
    check("export: it says where, and how much is withheld", done.code == 0 and "The export is in" in done.out and "without their content: " in done.out, done)
    check("export: every file", sorted(os.listdir(out)) == sorted(["VERIFY.txt", "checkpoint", "key", "report.html", "records.jsonl", "witness.jsonl",
          "story.csv", "devices.csv", "postings.csv", "messages.csv", "checks.csv", "refused.csv", "register.csv"]), os.listdir(out))
    check("export: nobody else may read it", os.stat(out).st_mode & 0o777 == 0o700 and all(os.stat(f"{out}/{n}").st_mode & 0o777 == 0o600 for n in os.listdir(out)))
    check("--titles: 0 names, addresses and numbers in any file of it", secrets_in(out) == [], secrets_in(out))
    report = read(f"{out}/report.html")
    check("--titles: titles stand in their place", "Head of Communications" in report and "Social media officer" in report)
    rows = lines_of(out)
    kept = [r for r in rows if "body" not in r]
    personal = [r["seq"] for r in office.rows() if r["kind"] in ("order", "draft", "refusal") or "Anna Berg" in unpacked(r)]
    story = [r["seq"] for r in rows]
    check("an entry with what a person wrote has its columns, hash and proof, and no content",
          set(personal) & set(story) <= {r["seq"] for r in kept} and all({"seq", "at", "kind", "digest", "prev", "hash", "proof"} == set(r) for r in kept), kept)
    check("VERIFY.txt counts them", f"Entries: {len(rows)}. Of these without their content: {len(kept)}." in read(f"{out}/VERIFY.txt"), read(f"{out}/VERIFY.txt")[:900])
    check("the ids alone", (lambda d: d[0].code == 0 and secrets_in(d[1], (*SECRETS, "Head of Comm")) == [] and "comms-1" in read(f"{d[1]}/report.html"))(
        exported(office, terminal, "ids", "--lockdown", lockdown, "--ids")))
    return out


def unpacked(row):
    body = json.loads(row["body"])
    return base64.b64decode(body["payload"]).decode() if "payload" in body else row["body"]


def cells_are_text(out):
    """CSV: UTF-8 with a head, and nothing that a spreadsheet would compute."""
    for name in sorted(n for n in os.listdir(out) if n.endswith(".csv")):
        with open(f"{out}/{name}", encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        bad = [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r" and cell]
        check(f"{name}: a head, rows as wide, no formula", rows and all(len(r) == len(rows[0]) for r in rows) and not bad, (rows[:2], bad))
    text = read(f"{out}/messages.csv")
    check("a title that begins like a formula is text", "\"'=Social media officer\"" in text, text)


def who_exported(office):
    rows = [(r["kind"], json.loads(r["body"])) for r in office.rows() if r["kind"] in ("export", "via")]
    last = [i for i, (kind, _) in enumerate(rows) if kind == "export"]
    first = rows[last[0]][1]
    said = Terminal(f"{office.folder}/council", office.socket)("audit", "show").out
    check("and in words", f"the record of {first['lockdown'][:12]} was handed out, people by titles, as html, csv and jsonl." in said, said[-900:])
    check("who exported what is on the record, salted, with who brought it", first["as"] == "titles" and first["formats"] == ["html", "csv", "jsonl"] and
          len(base64.b64decode(first["salt"])) == 16 and rows[last[0] + 1][1]["uid"] == os.getuid(), rows)


def names_are_shown(office, terminal, lockdown):
    done, out = exported(office, terminal, "names", "--lockdown", lockdown, "--names")
    report = read(f"{out}/report.html")
    check("--names: who consents by name, others by title; what people wrote is there", done.code == 0 and "Bo Carter (=Social" in report and WORDS in report and
          "Head of Communications" in report and "by Anna Berg" not in report, done)
    done, out = exported(office, terminal, "all", "--lockdown", lockdown, "--names=all")
    rows = lines_of(out)
    check("--names=all: everybody, and every entry whole", "Anna Berg (Head of Communications)" in read(f"{out}/report.html") and all("body" in r for r in rows), done)
    check("and addresses and numbers of the people file still nowhere but where somebody wrote them",
          secrets_in(out, ("anna@example.org", "bo@example.org", "07700 900456")) == [])
    return out


def texts_are_reviewed(office, terminal, lockdown):
    """A text goes out as it is, or not at all."""
    path = f"{office.folder}/review.csv"
    words = ("--lockdown", lockdown, "--journal", f"{office.folder}/state")
    done = terminal("audit", "export", *words, "--to-review", path)
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    check("review: each text once", done.code == 0 and "Read each" in done.out and rows[0] == ["record", "what", "text", "release"] and
          len({r[2] for r in rows}) == len(rows) and any(r[2] == WORDS for r in rows), (done, rows))
    check("review: a file that is there is not written over", terminal("audit", "export", *words, "--to-review", path).code == 2)

    def reviewed(change):
        with open(f"{path}.2", "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([rows[0], *(change(list(r)) for r in rows[1:])])
        return exported(office, terminal, f"reviewed-{len(os.listdir(office.folder))}", "--lockdown", lockdown, "--reviewed", f"{path}.2")
    done, out = reviewed(lambda r: [*r[:3], "" if "Anna Berg" in r[2] else "yes"])
    report = read(f"{out}/report.html")
    check("review: what may go out stands there, the rest does not", done.code == 0 and "The incident is over" in report and secrets_in(out) == [] and
          any(r["kind"] == "order" and "body" in r for r in lines_of(out)) and "withheld" in report, done)
    done, _ = reviewed(lambda r: [*r[:2], r[2].replace("Anna Berg", "A. B."), "yes"])
    check("attack: a text that was changed is refused", done.code == 1 and "goes out as it is, or not at all" in done.err, done)
    done, _ = reviewed(lambda r: [*r[:3], "maybe"])
    check("review: yes, no or nothing", done.code == 1 and "`yes`, `no` or nothing" in done.err, done)


def blocks_of(out):
    """The commands of VERIFY.txt, by their number."""
    found, number = {}, None
    for line in read(f"{out}/VERIFY.txt").splitlines():
        head = re.match(r"(\d)\. ", line)
        number = int(head[1]) if head else number
        if number and line.startswith("  ") and not line.startswith("   The"):
            found.setdefault(number, []).append(line)
    return {n: "\n".join(lines) for n, lines in found.items()}


def run_in(out, script, **environment):
    return subprocess.run(["sh", "-c", script], cwd=out, capture_output=True, text=True, timeout=ENOUGH, env={**os.environ, **environment}, check=False)


def third_party_verifies(office, titles, whole):
    """Nothing of ours: the commands of VERIFY.txt, as they stand there."""
    work = f"{office.folder}/third"
    for out, name in ((whole, "all"), (titles, "titles")):
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(out, work)
        blocks = blocks_of(work)
        done = run_in(work, blocks[1])
        check(f"{name}: openssl verifies the head", "Signature Verified Successfully" in done.stdout, done)
        bad = [r["seq"] for r in lines_of(work) if len(set(run_in(work, blocks[3].partition("  (echo c2sp")[0], N=str(r["seq"])).stdout.split())) != 1]
        check(f"{name}: openssl verifies the place of each entry, with and without content", bad == [], bad)
    work = f"{office.folder}/third-all"
    shutil.copytree(whole, work)
    blocks = blocks_of(work)
    for row in lines_of(work):
        n = str(row["seq"])
        hashes = run_in(work, blocks[2], N=n).stdout.split()
        check(f"entry {n} is what it says ({row['kind']})", hashes[0] == hashes[-1] == row["hash"], hashes)
    order = next(r for r in lines_of(work) if r["kind"] == "order")
    digests = run_in(work, blocks[4], N=str(order["seq"])).stdout.split()
    check("a document is the one that was signed", digests[0] == digests[-1] == order["digest"], digests)
    done = run_in(work, blocks[5], DEVICE="d1")
    check("a device's signature verifies, with the head that it saw", "Signature Verified Successfully" in done.stdout and '"size":3' in done.stdout, done)
    run_in(work, blocks[3], N=str(order["seq"]))
    done = with_go(work, read(f"{work}/key").strip(), read(f"{work}/record.tlog-proof"), order["hash"])
    check("golang.org/x/mod/sumdb accepts it", done.returncode == 0 and "is proved" in done.stdout, done)
    text = read(f"{work}/records.jsonl")
    write(f"{work}/records.jsonl", text.replace(order["hash"], "ab" * 32))
    check("attack: another hash is not proved", len(set(run_in(work, blocks[3].partition("  (echo c2sp")[0], N=str(order["seq"])).stdout.split())) == 2)


def whole_record(office, terminal):
    done, out = exported(office, terminal, "whole", "--names=all")
    check("the whole record", done.code == 0 and sorted(os.listdir(out)) == ["VERIFY.txt", "checkpoint", "key", "records.jsonl", "witness.jsonl"], done)
    size, root = read(f"{out}/checkpoint").split("\n")[1:3]
    done = terminal("audit", "verify", out, "--head", f"{size} {root}")
    check("audit verify reads it, and it fits its head", done.code == 0 and f"is whole: {size} records" in done.out and "It fits the 1 head" in done.out, done)


def export_slips(office, terminal, lockdown):
    os.makedirs(f"{office.folder}/full/x")
    before = len([r for r in office.rows() if r["kind"] == "export"])
    base = ("--lockdown", lockdown)
    rows = [("a folder that is not empty", "full", base, 2, "is no empty folder"), ("two ways at once", "slip", (*base, "--ids", "--names"), 2, "Give one of"),
            ("names of whom", "slip", (*base, "--names=some"), 2, "--names=all"), ("no such format", "slip", (*base, "--format", "html,pdf"), 2, "no format `pdf`"),
            ("no people file", "slip", (*base, "--people", "/nowhere"), 1, "/nowhere"), ("no review", "slip", (*base, "--reviewed", "/nowhere"), 1, "/nowhere")]
    for what, name, words, code, says in rows:
        done, out = exported(office, terminal, name, *words)
        check(f"audit export: {what}", done.code == code and says in done.err and (name == "full" or not os.path.exists(out)), done)
    done = terminal("audit", "export", *base)
    check("audit export: without a place", done.code == 2 and "--out DIR" in done.err, done)
    done = terminal("audit", "export", "--to-review", "x")
    check("audit export: texts of which lockdown", done.code == 2 and "--lockdown ID" in done.err, done)
    check("none of them is on the record", before == len([r for r in office.rows() if r["kind"] == "export"]))
    status, answer = office.ask("POST", "/v1/exports", b'{"as": "everything", "formats": ["csv"]}')
    check("another way of naming people is refused", status == 400 and answer["error"] == "shape", answer)
    left = f"{office.folder}/late.holdfast-export-abcdef"
    os.makedirs(left)
    done, out = exported(office, terminal, "late", *base, "--format", "csv", "--json")
    check("what a killed export left goes with the next; one format alone", done.json["out"] == out and not os.path.exists(left) and
          sorted(n for n in os.listdir(out) if n.endswith(".csv")) and not os.path.exists(f"{out}/report.html"), done)
    check("nothing is left beside it", [n for n in os.listdir(office.folder) if ".holdfast-export-" in n] == [])


def play(office):
    terminal = Terminal(f"{office.folder}/council", office.socket)
    office.broker.start()
    check("it starts", office.begin() and wait_for(office.is_up), office.log())
    lockdown = lockdown_played(office)
    story_is_true(office, terminal, lockdown)
    story_slips(office, terminal, lockdown)
    titles = nobody_is_named(office, terminal, lockdown)
    cells_are_text(titles)
    who_exported(office)
    whole = names_are_shown(office, terminal, lockdown)
    report_is_true(titles, whole, lockdown)
    texts_are_reviewed(office, terminal, lockdown)
    third_party_verifies(office, titles, whole)
    whole_record(office, terminal)
    check("that all of it was handed out is in words, too", ": the whole record was handed out, people by " in terminal("audit", "show").out)
    export_slips(office, terminal, lockdown)


def main():
    folder = tempfile.mkdtemp(prefix="hf-export-")
    os.chmod(folder, 0o755)
    office = None
    try:
        office = Council(folder)
        play(office)
    finally:
        for process in (office.controller, office.broker.process) if office else ():
            end_process(process, signal.SIGKILL)
        shutil.rmtree(folder)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
