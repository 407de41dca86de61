#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The register in daily life (policy D2.1-2.9): accounts, holders, tools, words and tables, each a draft that two of accounts make true.

A real controller, without a broker, and the officers' own commands. HF_BUILD names the build folder.
"""
import csv
import datetime
import io
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile

from common import ENOUGH, check, closing, read, wait_for, write
from council_help import HOLDFAST, SOURCE
from test_cli import PASS, PLAN, TOOLS, Controller, Liar, completed, honest, on_terminal, terminal_in

CATALOGUE = TOOLS[1]
SBC = "x:ccdc_sbc"


def day(days):
    return str(datetime.date.today() + datetime.timedelta(days))


class Register:
    """The officers' terminal, and what is in force by it."""

    def __init__(self, terminal):
        self.terminal, self.version = terminal, 1

    def __call__(self, *words, who="comms-1", **more):
        return self.terminal(*words, who=who, **more)

    def list(self):
        return self("account", "list", "--json", who=None).json

    def holders(self, account):
        rows = [a for a in self.list()["accounts"] if a["id"] == account]
        return {h["person"]: h["until"] for h in rows[0]["holders"]} if rows else None

    def waits(self):
        return [d["digest"] for d in self("drafts", "--json", who=None).json["drafts"] if d["type"] == "register"]

    def becomes(self, what, *words, says=(), more=()):
        """A draft by comms-1 that says this, and the approval of comms-2; what it said."""
        done = self(*words, "--json")
        check(f"{what}: a draft", done.code == 0 and done.json.get("outcome") == "draft" and done.json["have"] == 1, done)
        for text in says:
            check(f"{what}: it is said: {text}", text in done.err, done.err)
        before = self.list()["version"]
        check(f"{what}: nothing is in force by one alone (D2.1)", before == self.version, before)
        second = self("approve", done.json.get("digest", "none")[:12], *more, "--json", who="comms-2")
        self.version += 1
        check(f"{what}: in force by the second", second.code == 0 and second.json.get("outcome") == "recorded" and
              self.list()["version"] == self.version, second)
        return done.err

    def refuses(self, what, *words, says, code=None, who="comms-1"):
        done = self(*words, who=who)
        check(f"{what} is refused, and why", done.code == code if code else done.code in (1, 2), done)
        check(f"{what}: says {says}", says in done.err and done.err.count("\n") >= 1, done.err)
        check(f"{what}: nothing waits", self.waits() == [], self.waits())


def accounts(reg):
    """D2.1, D2.2: who controls every account."""
    reg.becomes("account add", "account", "add", "x:ccdc_parks", "--kind", "departmental", "--holder", "countryside-1",
                says=("Account x:ccdc_parks: is new.", "countryside-1 holds it, without an end"))
    check("it is held by whom it was given", reg.holders("x:ccdc_parks") == {"countryside-1": 0}, reg.list())
    reg.becomes("account change", "account", "change", "x:ccdc_parks", "--kind", "campaign", says=("is changed", "It was departmental."))
    reg.becomes("account retire", "account", "retire", "x:ccdc_parks", says=("is TAKEN OUT", "Nobody holds it any more"))
    check("it is gone", reg.holders("x:ccdc_parks") is None)
    for what, words, says in (
            ("an account that is there", ("add", SBC, "--kind", "campaign"), f"has the account {SBC} already"),
            ("an account that is none", ("add", "ccdc", "--kind", "campaign"), "`ccdc` is no account: write platform:handle"),
            ("a kind that is none", ("add", "x:a", "--kind", "private"), "corporate, departmental or campaign, not `private`"),
            ("an account without a kind", ("add", "x:a"), "corporate, departmental or campaign"),
            ("an account that no tool reaches (D9.2)", ("add", "flickr:a", "--kind", "campaign"), "No posting tool with an address"),
            ("a change of an account that is not there", ("change", "x:none", "--kind", "campaign"), "no account x:none"),
            ("retiring one that is not there", ("retire", "x:none"), "no account x:none")):
        reg.refuses(what, "account", *words, says=says)
    reg.refuses("an account by somebody who may not", "account", "retire", SBC, says="may not approve this", who="monitoring-1")
    done = reg("account", "change", SBC, "--kind", "departmental")
    check("what changes nothing is no draft", done.code == 0 and "Nothing changes" in done.out and reg.waits() == [], done)
    check("in JSON too", reg("account", "change", SBC, "--kind", "departmental", "--json").json == {"outcome": "unchanged"})


def holders(reg):
    """D2.3, D2.9: authorised users, for a while, reviewed, withdrawn."""
    done = reg("account", "list", "--ending", who=None)
    check("nobody's access ends soon", done.code == 0 and done.out == "Nobody's access ends within 30 days, or has ended.\n", done)
    reg.becomes("holder add", "holder", "add", "intern-1", SBC, "x:ccdcpartnership", "--until", day(10),
                says=("intern-1 holds it until", "23:59"))
    until = reg.holders(SBC)["intern-1"]
    left = until - datetime.datetime.now().timestamp()
    check("a day ends with it, by the clocks of London", 9 * 86400 < left < 12 * 86400 and until % 60 == 59, until)
    done = reg("account", "list", "--ending", who=None)
    check("D2.9: whose access ends within 30 days is listed", done.out.count("intern-1") == 2 and "which is soon" in done.out, done)
    done = reg("status", who=None)
    check("and status says so, low down", "Access to accounts: 2 end within 30 days, 0 have ended" in done.out and
          done.out.index("Access to accounts") > done.out.index("posting is as usual"), done)
    check("status --json: who, which, when", [(e["person"], e["access"]) for e in reg("status", "--json", who=None).json["ending"]] ==
          [("intern-1", "ending")] * 2)
    reg.becomes("holder review", "holder", "review", "intern-1", SBC, "--until", f"{day(60)} 17:00", says=("before: until",))
    check("with a time of day, and the other as it was", reg.holders("x:ccdcpartnership")["intern-1"] == until and
          reg.holders(SBC)["intern-1"] > until)
    done = reg("account", "list", "--holders", who=None)
    check("an end that is far is said with its hour", f"intern-1{' ' * 30}until " in done.out and " 17:00 " in done.out, done)
    reg.becomes("holder review without an end", "holder", "review", "intern-1", SBC, "--until", "none", says=("until no end",))
    reg.becomes("holder withdraw", "holder", "withdraw", "intern-1", SBC,
                says=("intern-1 holds it NO MORE", "Take their access away at the platform, too."))
    check("it is theirs no more, the other is", "intern-1" not in reg.holders(SBC) and "intern-1" in reg.holders("x:ccdcpartnership"))
    reg.becomes("holder withdraw --all", "holder", "withdraw", "intern-1", "--all", says=("intern-1 holds it NO MORE",))
    check("it holds nothing", "intern-1" not in json.dumps(reg.list()))
    for what, words, says in (
            ("who holds it already", ("add", "building-1", SBC), "building-1 holds x:ccdc_sbc already"),
            ("a person who is none", ("add", "Building Control", SBC), "is no person"),
            ("an account that is not there", ("add", "building-1", "x:none"), "no account x:none"),
            ("an end that is past", ("add", "intern-1", SBC, "--until", "2020-01-01"), "is past"),
            ("an end that is none", ("add", "intern-1", SBC, "--until", "next week"), "must be a time such as"),
            ("a review without an end", ("review", "building-1", SBC), "Say with --until"),
            ("a review of who does not hold it", ("review", "intern-1", SBC, "--until", "none"), "intern-1 does not hold x:ccdc_sbc"),
            ("a withdrawal from who does not hold it", ("withdraw", "intern-1", SBC), "intern-1 does not hold x:ccdc_sbc"),
            ("a withdrawal from nothing", ("withdraw", "intern-1"), "Say from which accounts, or --all"),
            ("a withdrawal of all from who has none", ("withdraw", "intern-1", "--all"), "intern-1 holds no account")):
        reg.refuses(what, "holder", *words, says=says)


def tools(folder, reg):
    """D9.2: what no tool names, no lockdown blocks."""
    reg.becomes("tool add", "tool", "add", "council-app", "--name", "The council's app", "--platform", "x,facebook", "--address",
                "app.example.org,api.example.org", "--dedicated", "api.example.org", "--program", "/opt/app/post",
                says=("Tool council-app (The council's app) posts to x and facebook", "Lockdowns shut it from now on."))
    said = reg.becomes("tool change", "tool", "change", "council-app", "--address", "app.example.org,new.example.org", "--no-dedicated",
                       "--platform", "x,instagram", "--program", "/opt/app/other",
                       says=("OPENS, unless another tool has it: api.example.org.", "Shut by lockdowns from now on: new.example.org.",
                             "it posts no more to facebook", "Shut also by lockdowns that name accounts of instagram",
                             "No more shut altogether on the network: api.example.org"))
    check("tool change: what stays is not said to open", "unless another tool has it: app.example.org" not in said, said)
    reg.becomes("tool change: dedicated", "tool", "change", "council-app", "--dedicated", "new.example.org",
                says=("Shut altogether on the network from now on: new.example.org",))
    said = reg.becomes("tool change: what is shut along is said before it is signed", "tool", "change", "council-app", "--program", "/opt/app/other",
                       "--program", "/usr/bin/python3", "--program", "/usr/bin/sudo", "--program", "/usr/bin", says=("ATTENTION: /usr/bin/python3 runs other programs too", "ATTENTION: /usr/bin/sudo is a program of the system",
                                                                                   "ATTENTION: /usr/bin has the programs of much other software"))
    check("and nothing of the tool's own file", "ATTENTION: /opt" not in said, said)
    reg.becomes("tool remove", "tool", "remove", "council-app", says=("Tool council-app: is TAKEN OUT.", "OPENS: no lockdown shuts it"))
    for what, words, says in (
            ("a tool that is there", ("tool", "add", "x-web", "--platform", "x", "--address", "x.com"), "has the tool x-web already"),
            ("a tool that is none", ("tool", "add", "X!", "--platform", "x", "--address", "x.com"), "is no tool"),
            ("a tool with nothing to block", ("tool", "add", "t", "--platform", "x"), "Say with --platform"),
            ("a tool with a number for an address", ("tool", "add", "t", "--platform", "x", "--address", "a.1"), "cannot be changed so"),
            ("a change of a tool that is not there", ("tool", "change", "t", "--name", "T"), "no tool t"),
            ("a name that is no text", ("tool", "add", "t", "--name", "zo\udceb", "--platform", "x", "--address", "t.example.org"), "it is no text in UTF-8"),
            ("an address that is none", ("tool", "change", "x-web", "--address", "x.com,\udceb.com"), "it is no text in UTF-8"),
            ("dedicated and not", ("tool", "change", "x-web", "--dedicated", "x.com", "--no-dedicated"), "Say either --dedicated"),
            ("a tool less that is not there", ("tool", "remove", "t"), "no tool t")):
        reg.refuses(what, *words, says=says)
    reg.becomes("a tool for a new platform", "tool", "add", "flickr-web", "--platform", "flickr", "--address", "flickr.com")
    reg.becomes("and an account there", "account", "add", "flickr:ccdc", "--kind", "campaign")
    for words in (("remove", "flickr-web"), ("change", "flickr-web", "--platform", "x")):
        reg.refuses("the last tool of an account", "tool", *words, says="posts to the account flickr:ccdc: no lockdown would block it")
    reg.becomes("first the account", "account", "retire", "flickr:ccdc")
    reg.becomes("then its tool", "tool", "remove", "flickr-web")
    newer = json.loads(read(CATALOGUE))
    own = next(t for t in newer["tools"] if t["id"] == "x-web")
    own["addresses"].append("x-new.example.org")
    next(t for t in newer["tools"] if "facebook" in t["platforms"])["addresses"].append("fb-new.example.org")
    write(f"{folder}/newer.json", json.dumps(newer))
    done = reg("catalogue", "update", "--catalogue", CATALOGUE)
    check("catalogue update: the same catalogue changes nothing", done.code == 0 and "Nothing changes" in done.out, done)
    done = reg("catalogue", "update", "--catalogue", f"{folder}/newer.json", "--preview", who=None)
    check("catalogue update --preview: shown without a key, and not sent", done.code == 0 and "x-new.example.org" in done.out and
          "nothing was signed or sent" in done.out and reg.waits() == [], done)
    said = reg.becomes("catalogue update", "catalogue", "update", "--catalogue", f"{folder}/newer.json", "--keep", "x-web",
                       says=("Shut by lockdowns from now on: fb-new.example.org.",))
    check("catalogue update: what is kept stays", "x-new.example.org" not in said, said)
    reg.refuses("a slip in what is kept", "catalogue", "update", "--catalogue", f"{folder}/newer.json", "--keep", "x-wbe", says="no tool x-wbe")
    reg.refuses("a catalogue that is none", "catalogue", "update", "--catalogue", PLAN, says="cannot be used")


def words_of_drafts(reg):
    """D10: what the draft check marks."""
    before = reg("words", "list", "--json", who=None).json["words"]
    reg.becomes("words add", "words", "add", "Robin Newcomer", "Lee Other", "--kind", "candidate",
                says=('marks "Robin Newcomer" (candidate) from now on.', 'marks "Lee Other" (candidate)'))
    done = reg("words", "list", "--kind", "candidate", who=None)
    check("words list --kind", "Robin Newcomer" in done.out and "Conservative" not in done.out, done)
    check("words list --json --kind", {"text": "Lee Other", "kind": "candidate"} in
          reg("words", "list", "--kind", "candidate", "--json", who=None).json["words"])
    reg.becomes("words remove", "words", "remove", "Robin Newcomer", "Lee Other", says=('marks "Robin Newcomer" (candidate) no more.',))
    check("as it was", reg("words", "list", "--json", who=None).json["words"] == before)
    for what, words, says in (
            ("a word that is there", ("add", "Conservative", "--kind", "party"), 'the party "Conservative" already'),
            ("a word that is no text", ("add", "zo\udceb", "--kind", "party"), "it is no text in UTF-8"),
            ("a word of no kind", ("add", "Robin"), "member, ward, candidate, party or hashtag"),
            ("a word less that is not there", ("remove", "Nobody"), 'no such word: "Nobody"'),
            ("a word less of no kind", ("remove", "Conservative", "--kind", "mayor"), "not `mayor`")):
        reg.refuses(what, "words", *words, says=says)
    everything = [w["text"] for w in before]
    reg.becomes("the last word", "words", "remove", *everything)
    check("words list says that there are none", "no words of the council's own" in reg("words", "list", who=None).out)


def tables(folder, reg):
    """D2.3: the list for audit, and back."""
    path = f"{folder}/accounts.csv"
    listed = reg("account", "list", "--csv", who=None).out
    rows = list(csv.DictReader(io.StringIO(listed)))
    check("account list --csv: a row a holder", {"account": SBC, "kind": "departmental", "person": "building-1", "until": "", "until_local": "",
                                                 "access": "holds"} in rows and len(rows) > 11, rows)
    done = reg("account", "list", "--holders", who=None)
    check("account list --holders: who and until when", "building-1" in done.out and "without an end" in done.out and SBC in done.out, done)
    check("account list: how many", "2 holders" in reg("account", "list", who=None).out)
    write(path, listed)
    done = reg("account", "import", path)
    check("D2.3: its own list changes nothing", done.code == 0 and "Nothing changes" in done.out, done)
    with open(path, "wb") as f:
        f.write(b"\xef\xbb\xbf" + f'account;kind;person;until\r\n"{SBC}";;"intern-2";"{day(20)}"\r\n\r\nx:ccdc_new;"campaign";;\r\n'.encode())
    done = reg("account", "import", path, "--dry-run", who=None)
    check("account import --dry-run: BOM, CR LF, semicolons, quotes; shown without a key", done.code == 0 and "Account x:ccdc_new: is new." in done.out
          and "intern-2 holds it until" in done.out and reg.waits() == [], done)
    check("no id looks like a name", "looks like its person's name" not in done.err, done)
    check("in JSON", reg("account", "import", path, "--dry-run", "--json", who=None).json == {"outcome": "preview"})
    write(f"{path}.named", f"account,person\n{SBC},emma-jones\n{SBC},building-1\n")
    done = reg("account", "import", f"{path}.named", "--dry-run", who=None)
    check("an id that does is warned of", done.code == 0 and done.err.count("looks like its person's name") == 1 and "the id emma-jones " in done.err, done)
    reg.becomes("account import", "account", "import", path, says=("Account x:ccdc_new: is new.",))
    check("what it does not name stays", "building-1" in reg.holders(SBC) and reg.holders("x:ccdc_new") == {})
    write(path, reg("account", "list", "--csv", who=None).out.replace(f'"{SBC}","departmental","intern-2"', f'"{SBC}","departmental","intern-3"'))
    reg.becomes("account import --whole", "account", "import", path, "--whole", says=("intern-2 holds it NO MORE", "intern-3 holds it until"))
    check("what it does not name is taken out", set(reg.holders(SBC)) == {"building-1", "intern-3"}, reg.holders(SBC))
    head = "account,kind,person,until\n"
    for what, text, says in (
            ("no heading", f"{SBC},campaign\n", "line 1, column 1: `x:ccdc_sbc` is no column"),
            ("a heading twice", "account,account\n", "line 1, column 2: there is a column account already"),
            ("no account column", "person\nintern-1\n", "its first line must name the columns"),
            ("an account that is none", f"{head}{SBC},,,\nccdc,campaign,a,\n", "line 3, column 1 (account): `ccdc` is no account"),
            ("a kind that is none", f"{head}x:b,private,a,\n", "line 2, column 2 (kind): An account is corporate"),
            ("a new account and no kind", "account,person\nx:b,a\n", "line 2, where a column kind is missing: An account is corporate"),
            ("a person who is none", f"{head}{SBC},,Mr Smith,\n", "line 2, column 3 (person): `Mr Smith` is no person"),
            ("a day that is none", f"{head}{SBC},,a,2027-02-30\n", "line 2, column 4 (until)"),
            ("an end that is past", f'{head}{SBC},,"a",2020-01-01\n', "line 2, column 4 (until): The end of the access of a is past"),
            ("an end and nobody", f"{head}{SBC},,,2099-01-01\n", "line 2, column 3 (person): there is an end"),
            ("the same twice", f"{head}{SBC},,a,\n\n{SBC},,a,\n", "line 4, column 3 (person): the same stands in line 2"),
            ("a platform that no tool reaches", f"{head}flickr:a,campaign,a,\n", "line 2, column 1 (account): No posting tool"),
            ("a quote without an end", f'{head}{SBC},,"a,\n', "line 2: a quote that begins there does not end"),
            ("more behind a quote", f'{head}{SBC},,"a"b,\n', "line 2: there is more behind a cell in quotes"),
            ("too many columns", f"{head}{SBC}{',' * 20}\n", "line 2: it has more than 16 columns")):
        write(path, text)
        reg.refuses(f"a table with {what}", "account", "import", path, says=says)
    for what, data in (("that is none", b"PK\0\0"), ("of Windows", f"{head}{SBC},,zo".encode() + b"\xeb,\n")):
        write(path, data)
        reg.refuses(f"a table {what}", "account", "import", path, says="is no table: save it as CSV (UTF-8)")
    reg.refuses("a table that is not there", "account", "import", f"{folder}/none.csv", says="none.csv")
    done = reg("account", "list", "--csv", "--json", who=None)
    check("either --csv or --json", done.code == 2 and "Say either --csv or --json" in done.err, done)


def beside(folder, reg):
    """D2.9: what is kept of accounts and people beside the signed register, on the server alone."""
    path = f"{folder}/beside.csv"
    with open(path, "wb") as f:
        f.write(b"\xef\xbb\xbf" + ("account,service,address,owner,scheduler,recovery,reviewed,admins,person,statement,trained\r\n"
                f"https://www.x.com/CCDC_SBC/,=cmd|calc,https://x.com/ccdc_sbc,Building,Hootsuite,vault 3,01/02/2024,\"a@example.org; b@example.org\",building-1,2/3/2026,\r\n"
                f"x:ccdcpartnership,,,,postiz:abc,,{day(-3)},,,,\r\n").replace("CCDC_SBC", "ccdc_sbc").encode())
    done = reg("account", "import", path, "--dry-run", who=None)
    check("account import --dry-run: BOM, CR LF, dd/mm/yyyy, a link to a profile", done.code == 0 and
          f"Beside the register, {SBC}, reviewed: 2024-02-01" in done.out and f"Beside the register, {SBC}, admins: a@example.org b@example.org" in done.out and
          "building-1, statement: 2026-03-02" in done.out and "Nothing changes: the register" in done.out, done)
    kept = f"{folder}/state/beside.json"
    check("and nothing is kept", not os.path.exists(kept))
    done = reg("account", "import", path, "--json")
    check("account import: the difference in JSON", done.code == 0 and done.json["outcome"] == "unchanged" and
          {"of": "x:ccdcpartnership", "what": "scheduler", "before": "", "now": "postiz:abc"} in done.json["beside"], done)
    check("it lies beside the journal, for nobody else to read", stat.S_IMODE(os.stat(kept).st_mode) == 0o600 and len(json.loads(read(kept))["accounts"]) == 2)
    done = reg("account", "import", path)
    check("the same again changes nothing", done.code == 0 and "Beside the register nothing changes." in done.out, done)
    with sqlite3.connect(f"file:{folder}/state/journal.db?mode=ro", uri=True) as db:
        bodies = [b for (b,) in db.execute("SELECT body FROM journal WHERE kind = 'check'")]
        after = [k for (k,) in db.execute("SELECT kind FROM journal WHERE seq IN (SELECT seq + 1 FROM journal WHERE kind = 'check')")]
    said = [json.loads(b) for b in bodies]
    check("whose rows were changed is on the record, with who brought it, and nothing of what they say", said[0]["act"] == "beside" and
          said[0]["accounts"] == [SBC, "x:ccdcpartnership"] and said[1]["people"] == ["building-1"] and after == ["via", "via"] and
          not any("example.org" in b or "Hootsuite" in b for b in bodies), (bodies, after))
    done = reg("account", "review", who=None)
    for text in (f"{SBC} was last reviewed on 2024-02-01", "was never reviewed.", "is NOT ENFORCEABLE for 2 administrators outside the council", "has signed no statement",
                 "building-1 holds an account and was not trained."):
        check(f"account review: {text}", text in done.out, done)
    check("whoever was reviewed and has signed is not named", "ccdcpartnership was" not in done.out and "building-1 holds an account and has signed" not in done.out, done)
    rows = list(csv.DictReader(io.StringIO(reg("account", "review", "--csv", who=None).out)))
    check("account review --csv", {"why": "no-review", "account": SBC, "person": "", "day": "2024-02-01", "admins": "4"} in rows, rows)
    found = reg("account", "review", "--json", who=None).json
    check("account review --json", {"why": "not-enforceable", "of": SBC, "day": "2024-02-01", "admins": 2} in found["rows"] and [e["person"] for e in found["ending"]] == ["intern-3"], found)
    done = reg("account", "review", "--csv", "--json", who=None)
    check("account review: either --csv or --json", done.code == 2 and "Say either --csv or --json" in done.err, done)
    beside_changed(folder, reg, kept)


def beside_changed(folder, reg, kept):
    """What is kept is changed: cell by cell, whole, by root alone, or not at all."""
    path = f"{folder}/beside.csv"
    write(path, f"account,scheduler,admins\n{SBC},none,{' '.join(f'p{i}@example.org' for i in range(12))}\n")
    done = reg("account", "import", path)
    check("none takes out, the rest stays", done.code == 0 and f"{SBC}, scheduler: none (before: Hootsuite)" in done.out and "recovery" not in done.out, done)
    check("more than 10 administrators", f"{SBC} has 14 administrators: more than 10" in reg("account", "review", who=None).out)
    write(path, f"account,service\nx:ccdcpartnership,X\n")
    done = reg("account", "import", path, "--whole", "--dry-run", who=None)
    check("--whole without a column of people takes no holder out, and what is kept of others", "ccdcpartnership, scheduler: none (before: postiz:abc)" in done.out and
          f"{SBC}, recovery: none" in done.out and "building-1 holds it NO MORE" not in done.out, done)
    head = "account,reviewed,admins,person,statement\n"
    for what, text, says in (
            ("a link to no profile", "account\nhttps://www.facebook.com/groups/1\n", "line 2, column 1 (account): `https://www.facebook.com/groups/1` is no link to a profile"),
            ("a link to a site that is not known", "account\nhttps://example.org/ccdc\n", "is no link to a profile that is known here"),
            ("a review on no day", f"{head}{SBC},31/02/2026,,,\n", "line 2, column 2 (reviewed): `31/02/2026` is no day"),
            ("a year of two digits", f"{head}{SBC},01/02/26,,,\n", "column 2 (reviewed): `01/02/26` is no day"),
            ("an administrator without an address", f"{head}{SBC},,nobody,,\n", "line 2, column 3 (admins): x:ccdc_sbc: an administrator outside of the council"),
            ("a statement of nobody", f"{head}{SBC},,,,2026-01-01\n", "line 2, column 5 (statement): there is nobody whose it is"),
            ("two words on one thing", f"{head}{SBC},2026-01-01,,building-1,\n{SBC},2026-01-02,,b-2,\n", "line 3, column 2 (reviewed): another line says otherwise of x:ccdc_sbc")):
        write(path, text)
        before = read(kept)
        reg.refuses(f"a table with {what}", "account", "import", path, says=says)
        check(f"a table with {what}: nothing is kept of it", read(kept) == before)
    write(path, f"account,owner\n{SBC},Somebody\n")
    done = as_person(folder, reg, "account", "import", path)
    check("only root of the server changes it: said before anything is sent", done.returncode == 1 and "only root of the council's server may change" in done.stderr, done)


def as_person(folder, reg, *words):
    """By somebody who may open the socket, and is not root."""
    modes = {path: stat.S_IMODE(os.stat(path).st_mode) for path in (folder, reg.terminal.socket)}
    os.chmod(folder, 0o755)
    os.chmod(reg.terminal.socket, 0o666)
    council = f"{folder}/theirs"
    shutil.copytree(f"{reg.terminal.council}/trust", f"{council}/trust")
    subprocess.run(["chmod", "-R", "a+rX", council], check=True)
    try:
        return subprocess.run([HOLDFAST, "--council", council, "--socket", reg.terminal.socket, *words], capture_output=True, text=True,
                              timeout=ENOUGH, env=reg.terminal.environment, user=65534, group=65534, extra_groups=[], check=False, stdin=subprocess.DEVNULL)
    finally:
        for mode in modes.items():
            os.chmod(*mode)


def two_at_once(reg):
    """Attack on nobody's purpose: a lost update. Two drafts of one version never both become true."""
    first = reg("holder", "add", "intern-4", SBC, "--json")
    done = reg("holder", "add", "intern-4", SBC, who="comms-2")
    check("an equal draft that waits is named, and not written twice", done.code == 1 and f"{first.json['digest'][:12]}, which waits, says the same"
          in done.err and len(reg.waits()) == 1, done)
    done = reg("holder", "add", "intern-5", SBC, who="comms-2")
    check("another change of the same version is not begun by the way", done.code == 1 and "only one of them can be recorded" in done.err and
          len(reg.waits()) == 1, done)
    second = reg("holder", "add", "intern-5", SBC, "--another", "--json", who="comms-2")
    check("with --another it is", second.code == 0 and len(reg.waits()) == 2, second)
    done = reg("approve", first.json["digest"][:12], "--json", who="comms-2")
    check("who approves one is told of the other", done.code == 0 and f"the draft {second.json['digest'][:12]} makes version" in done.err and
          "has to be written anew" in done.err, done)
    reg.version += 1
    check("one is in force, and the other waits no more", reg.list()["version"] == reg.version and "intern-5" not in reg.holders(SBC) and
          reg.waits() == [], reg.waits())
    done = reg("approve", second.json["digest"][:12])
    check("who would approve the other is told why not", done.code == 1 and "a newer version" in done.err, done)
    reg.becomes("written anew it has both", "holder", "add", "intern-5", SBC)
    check("no update is lost", {"intern-4", "intern-5"} <= set(reg.holders(SBC)), reg.holders(SBC))


def much_smaller(folder, reg):
    """A slip of one hand must not empty the register."""
    path = f"{folder}/few.csv"
    write(path, f"account,kind,person,until\n{SBC},,building-1,\n")
    reg.refuses("a register smaller by more than a fifth", "account", "import", path, "--whole", says="say --smaller if that is meant")
    plan = json.loads(read(PLAN))
    plan["accounts"], plan["catalogue"] = plan["accounts"][:1], CATALOGUE
    plan["accounts"][0]["holders"][0]["until"] = 1577836800
    write(f"{folder}/few.json", json.dumps(plan))
    reg.refuses("a plan of one account", "register", "propose", f"{folder}/few.json", says="say --smaller if that is meant")
    done = reg("register", "propose", f"{folder}/few.json", "--smaller", "--json")
    check("with --smaller it is a draft, and what is lost is said", done.code == 0 and "ATTENTION: it takes out" in done.err, done)
    lost = done.err.split("ATTENTION: it takes out ")[1].split(" ")[0] if done.code == 0 else "0"
    digest = done.json.get("digest", "none")[:12]
    done = reg("approve", digest, who="comms-2")
    check("a script cannot approve it without the number", done.code == 2 and "say with --removed" in done.err, done)
    done = reg("approve", digest, "--removed", str(int(lost) + 1), who="comms-2")
    check("nor with another number", done.code == 2 and "say with --removed" in done.err, done)
    key = f"{reg.terminal.council}/people/comms-2.pem"
    for what, typed, code in (("another number", b"1\n", 1), ("no number", b"APPROVE\n", 1)):
        done = on_terminal(reg.terminal, ["approve", digest, "--key", key], [(b"Passphrase of", PASS.encode() + b"\n"), (b"Type the number", typed)])
        check(f"the second approver types {what}: nothing is done", done[0] == code and "not the number that is shown" in done[1], done)
    done = on_terminal(reg.terminal, ["approve", digest, "--key", key],
                       [(b"Passphrase of", PASS.encode() + b"\n"), (b"Type the number", f"{lost}\n".encode()), (b"Type APPROVE", b"APPROVE\n")])
    reg.version += 1
    check("the second approver types the number that is taken out", done[0] == 0 and reg.list()["version"] == reg.version and
          len(reg.list()["accounts"]) == 1, done)
    done = reg("account", "list", "--holders", who=None)
    check("an access whose time is over is listed as ended (D2.3)", "ENDED on 2020-01-01 00:00 GMT" in done.out, done)


def history(reg):
    """D2.3, D2.9: who held what, when, by whose approval; and whose access at the platform is still to be taken away."""
    events = reg("account", "history", SBC, "--json", who=None).json["events"]
    changes = [(e["change"], e.get("person")) for e in events]
    check("account history: from the first register on", changes[:2] == [("added", None), ("held", "building-1")] and
          all(e["proven"] for e in events) and events[0]["by"] == ["comms-1", "comms-2"], events[:3])
    check("account history: held, reviewed, withdrawn, in this order", [c for c, p in changes if p == "intern-1"] ==
          ["held", "until", "until", "withdrawn"], changes)
    done = reg("account", "history", "x:ccdc_parks", who=None)
    for text in ("x:ccdc_parks is an account (departmental).", "x:ccdc_parks is campaign now.", "countryside-1 holds x:ccdc_parks (no end).",
                 "countryside-1 holds x:ccdc_parks no more.", "x:ccdc_parks is an account no more.", "version 2, by comms-1 and comms-2: "):
        check(f"account history, in words: {text}", text in done.out, done)
    for whose in ("account", "person"):
        done = reg(whose, "history", "zo\udceb", "--json", who=None)
        check(f"{whose} history of what is no text", done.code == 2 and done.json["error"] == "usage" and "it is no text in UTF-8" in done.err, done)
    check("of an account that never was", "The record has nothing of that." in reg("account", "history", "x:never", who=None).out)
    done = reg("person", "history", "intern-1", who=None)
    check("person history: of every account", "intern-1 holds x:ccdcpartnership no more." in done.out and "the access of intern-1 to x:ccdc_sbc was reviewed"
          in done.out, done)
    done = reg("person", "history", "comms-1", who=None)
    check("person history: roles, too", "trust of epoch 1: the roles comms and accounts." in done.out, done)
    check("in JSON", reg("person", "history", "comms-1", "--json", who=None).json["roles"][0]["roles"] == ["comms", "accounts"])


def checklist(reg):
    def still():
        return {(e["person"], e["account"]) for e in reg("holder", "checklist", "--json", who=None).json["open"]}
    wanted = {("intern-1", SBC), ("intern-1", "x:ccdcpartnership"), ("countryside-1", "x:ccdc_parks"), ("intern-2", SBC)}
    check("D2.9: whoever was withdrawn is an open item", still() == wanted, still())
    status = reg("status", who=None)
    check("status counts them, and says where they are", reg("status", "--json", who=None).json["checks"]["access"] == 4 and
          "4 accesses of people who left an account are still to be taken away at the platform: `holdfast holder checklist`." in " ".join(status.out.split()), status)
    done = reg("holder", "checklist", who=None)
    check("in words, with the command", f"holdfast holder confirm intern-1 {SBC}" in done.out and "gone at the platform, too?" in done.out, done)
    for what, words, who, says in (
            ("who still holds it", ("building-1", SBC), "comms-1", "Nothing is open of building-1 and x:ccdc_sbc"),
            ("who never did", ("nobody", SBC), "comms-1", "Nothing is open of nobody"),
            ("by somebody who may not", ("intern-1", SBC), "it-1", "may not approve the register"),
            ("a reason that is none", ("intern-1", SBC, "--reason", ""), "comms-1", "This cannot be written")):
        done = reg("holder", "confirm", *words, who=who)
        check(f"a confirmation of {what} is refused", done.code in (1, 2) and says in done.err and still() == wanted, done)
    done = reg("holder", "confirm", "intern-1", SBC, "x:ccdcpartnership", "--reason", "Removed in the page settings.", "--json")
    check("holder confirm: recorded at once, by one", done.code == 0 and [c["outcome"] for c in done.json["confirmed"]] == ["recorded", "recorded"] and
          "intern-1 has no access to x:ccdc_sbc any more" in done.err and "Removed in the page settings." in done.err, done)
    wanted -= {("intern-1", SBC), ("intern-1", "x:ccdcpartnership")}
    check("it is open no more", still() == wanted, still())
    check("nor for status", reg("status", "--json", who=None).json["checks"]["access"] == 2)
    done = reg("account", "history", SBC, who=None)
    check("and on the record, with who says so", "by comms-1: the access of intern-1 to x:ccdc_sbc is gone at the platform." in done.out, done)
    for person, account in sorted(wanted):
        done = reg("holder", "confirm", person, account, who="comms-2")
        check(f"{person}, too", done.code == 0 and "It is recorded, and open no more." in done.out, done)
    check("then nothing is", "Nothing is open" in reg("holder", "checklist", who=None).out)
    reg.becomes("held again", "holder", "add", "intern-1", SBC)
    reg.becomes("and withdrawn again", "holder", "withdraw", "intern-1", SBC)
    check("an old confirmation does not count for that", still() == {("intern-1", SBC)}, still())
    check("status says one", "1 access of somebody who left an account is still to be taken away" in " ".join(reg("status", who=None).out.split()))
    reg("holder", "confirm", "intern-1", SBC)


def asked(folder, path):
    """What the controller answers to a GET."""
    done = subprocess.run(["curl", "-s", "--unix-socket", f"{folder}/c.sock", f"http://h{path}"], capture_output=True, timeout=ENOUGH, check=True)
    return json.loads(done.stdout)


def lied_to(folder, reg):
    """A controller that lies shows nobody an older register as the newest, nor a past that nobody approved."""
    record = asked(folder, "/v1/record?after=0")
    record["next"] = None
    for one in record["record"]:
        if one["envelope"]["payloadType"].startswith("application/vnd.holdfast.register"):
            one["envelope"]["signatures"] = one["envelope"]["signatures"][:1]
    liar = Liar(f"{folder}/liar.sock", {**honest(reg.terminal), "/v1/record": record})
    mine = terminal_in(folder, f"{folder}/newer", "liar.sock")
    shutil.copytree(reg.terminal.council, mine.council)
    write(f"{mine.council}/register.json", json.dumps(asked(folder, "/v1/council")["register"]))
    done = mine("status")
    check("attack: an older register than this officer knows: it is said", done.code == 0 and
          "the controller shows an older register than your council folder has." in done.err, done)
    done = mine("account", "history", SBC)
    check("attack: a register of the past that one person approved is not proven", done.code == 0 and
          "version 1, by nobody (NOT PROVEN): x:ccdc_sbc is an account" in done.out, done)
    liar.shutdown()
    liar.server_close()


def older_journal(folder, reg):
    """A journal of before the record was asked for has no index of it; what was confirmed outlives a restart."""
    journal = f"{folder}/state/journal.db"
    subprocess.run(["sqlite3", journal, "DROP INDEX papers"], check=True, timeout=ENOUGH)
    with Controller(folder, reg.terminal.council):
        check("the controller starts again", wait_for(lambda: reg("status", who=None).code == 0), read(f"{folder}/c.log"))
        events = reg("account", "history", SBC, "--json", who=None).json["events"]
        check("the record is read again", [e["change"] for e in events if e.get("person") == "intern-1"][:4] == ["held", "until", "until", "withdrawn"],
              events)
        check("status counts what is open by the record", reg("status", "--json", who=None).json["checks"]["access"] == len(reg("holder", "checklist", "--json", who=None).json["open"]))
        check("and what was confirmed", ("intern-1", "confirmed") in [(e.get("person"), e["change"]) for e in events])
        index = subprocess.run(["sqlite3", journal, "SELECT count(*) FROM sqlite_schema WHERE name = 'papers'"], capture_output=True, text=True,
                               check=True, timeout=ENOUGH).stdout
        check("the journal has its index", index.strip() == "1", index)


def completes(reg):
    for words, wanted in ((("account", "add", "x:a", "--kind", "c"), ["campaign", "corporate"]), (("words", "add", "a", "--kind", "w"), ["ward"]),
                          (("holder", "withdraw", "buil"), ["building-1"]), (("ack",), ["acknowledgements"]), (("holder", ""), ["add", "checklist", "confirm", "review", "withdraw"])):
        got = sorted(completed(reg.terminal, *words))
        check(f"completed: {' '.join(words)}", got == wanted, got)


def put_back(folder, reg):
    """The journal is gone, and begins with the council folder: what was approved since is brought from files that prove themselves."""
    newest, alone = f"{folder}/newest.json", f"{folder}/alone.json"
    with Controller(folder, reg.terminal.council):
        check("the controller has all of it", wait_for(lambda: reg("status", who=None).code == 0), read(f"{folder}/c.log"))
        told = json.loads(subprocess.run(["curl", "-s", "--unix-socket", reg.terminal.socket, "http://h/v1/council?device="], capture_output=True, check=True,
                                         timeout=ENOUGH).stdout)
        write(newest, json.dumps(told["register"]))
        write(alone, json.dumps({**told["register"], "signatures": told["register"]["signatures"][:1]}))
        version = reg("status", "--json", who=None).json["register_version"]
    for name in ("state", "state-mark"):
        shutil.rmtree(f"{folder}/{name}", ignore_errors=True)
    with Controller(folder, reg.terminal.council):
        check("it begins anew, with an old register", wait_for(lambda: reg("status", who=None).code == 0) and
              reg("status", "--json", who=None).json["register_version"] < version, read(f"{folder}/c.log"))
        for what, path, code, says in (("by one alone", alone, 1, "is not approved by what the controller knows (too-few)"), ("no file", f"{folder}/none.json", 1, "none.json"),
                                       ("a state", f"{SOURCE}/proto/vectors/good/state-1.json", 1, "nothing else is put back")):
            done = reg("put-back", path, who=None)
            check(f"attack or slip: {what} is not put back", done.code == code and says in done.err, done)
        done = reg("put-back", newest, who=None)
        check("put-back: the newest is recorded, without a key", done.code == 0 and "is recorded and published" in done.out and
              reg("status", "--json", who=None).json["register_version"] == version, done)
        done = reg("put-back", newest, "--json", who=None)
        check("again: it was not lost", done.code == 0 and [r["outcome"] for r in done.json["put_back"]] == ["known"] and
              "was not lost" in reg("put-back", newest, who=None).out, done)


def main():
    folder = tempfile.mkdtemp(prefix="hf-daily-")
    try:
        terminal = terminal_in(folder, socket="c.sock")
        done = terminal("council", "init", terminal.council, "--plan", PLAN, *TOOLS)
        check("a council", done.code == 0, done)
        with Controller(folder, terminal.council):
            reg = Register(terminal)
            completes(reg)
            accounts(reg)
            holders(reg)
            tools(folder, reg)
            words_of_drafts(reg)
            tables(folder, reg)
            beside(folder, reg)
            history(reg)
            checklist(reg)
            two_at_once(reg)
            much_smaller(folder, reg)
            lied_to(folder, reg)
        older_journal(folder, reg)
        put_back(folder, reg)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
