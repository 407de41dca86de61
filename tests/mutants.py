# SPDX-License-Identifier: MIT
"""Change one line of what is pure, and see whether a unit test or a vector notices: one that nobody notices is a missing row.

A sample of mutants, drawn by HF_SEED (printed: the same seed plays the same ones): a comparison off by one or turned round, a
condition negated, a statement left out, a constant swapped. All happens in a copy of the tree below the build folder, whose
rooms are shared libraries, so that a mutant costs one file, one link and the tests until the first that fails.
"""
import filecmp
import os
import random
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(HERE)
sys.path.insert(0, f"{HERE}/checks")
from sizes import COMMENT, STRING, blank  # noqa: E402  (its folder has just been named)

FOLDERS = ("proto/base", "proto/wire", "proto/law", "proto/text", "agent/rules", "controller/estate")
FILES = ("controller/judge.c", "controller/ackbook.c", "controller/remarks.c", "controller/postbook.c", "controller/pages.c", "controller/web/shares.c",
         "controller/web/gate.c")
LEFT_BEHIND = re.compile(r"build|\.git$|__pycache__$")  # of the tree, when it is copied
MOST = 3600        # seconds for all of it: then the rest is left out, and said
BUILD_MOST = 1800  # of these for the first build, on a busy machine
TEST_MOST = 60     # seconds of one test program: one that does not end has noticed
KINDS = (
    ("comparison off by one", re.compile(r"(?<![-<>=!])(<=|>=|<|>)(?![<>=])"), {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}),
    ("comparison turned round", re.compile(r"(==|!=)"), {"==": "!=", "!=": "=="}),
    ("and for or", re.compile(r"(&&|\|\|)"), {"&&": "||", "||": "&&"}),
    ("constant swapped", re.compile(r"\b(true|false)\b"), {"true": "false", "false": "true"}),
    ("constant off by one", re.compile(r"(?<![\w.\"'])(\d{1,5})(?![\w.])"), None),
)
CONDITION = re.compile(r"^(\t+(?:else )?if \()(.+)(\)(?: \{)?)$")
STATEMENT = re.compile(r"^\t+(?:\w[\w>.\[\]-]* [+|-]?= .*|\(void\).*|[a-z_]\w*\(.*|\w[\w>.\[\]-]*(?:\+\+|--));$")
NOT_ONE = re.compile(r"^\t+(?:return|goto|break|continue|case|static|const|struct|enum|hf_auto\w*|sizeof)\b")
SAID_FAILED = re.compile(r"^\s*\d+ - (\S+) \(", re.M)


def sources():
    found = list(FILES)
    for folder in FOLDERS:
        found += [f"{folder}/{name}" for name in os.listdir(f"{SOURCE}/{folder}") if name.endswith(".c")]
    return sorted(found)


def swapped(kind, table, word):
    return table[word] if table else str(int(word) + 1)


def mutants_of(line, plain):
    """(what, the line changed) of each single change; plain: without comments and texts."""
    if plain.lstrip().startswith("#") or not plain.startswith("\t"):
        return
    for what, pattern, table in KINDS:
        for match in pattern.finditer(plain):
            yield what, line[:match.start(1)] + swapped(what, table, match.group(1)) + line[match.end(1):]
    condition = CONDITION.match(plain)
    if condition and plain.count("(") == plain.count(")"):
        a, b = condition.span(2)
        yield "condition negated", f"{line[:a]}!({line[a:b]}){line[b:]}"
    if STATEMENT.match(plain) and not NOT_ONE.match(plain):
        yield "statement left out", re.sub(r"\S.*", ";", line)


def drawn(seed, n):
    """A sample: (path, line number, what, the line before, the line after)."""
    every = []
    for path in sources():
        with open(f"{SOURCE}/{path}", encoding="utf-8") as file:
            text = file.read()
        plain = STRING.sub(blank, COMMENT.sub(blank, text)).split("\n")
        for i, line in enumerate(text.split("\n")):
            every += [(path, i, what, line, after) for what, after in mutants_of(line, plain[i])]
    return random.Random(seed).sample(every, min(n, len(every)))


def run(argv, seconds):
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=max(seconds, 1), check=False)
        return done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        return 124, (late.stdout or b"").decode(errors="replace")


class Copy:
    """The tree and its build, both below one folder."""

    def __init__(self, folder):
        self.tree, self.build = f"{folder}/tree", f"{folder}/build"
        found = set(self._files(SOURCE))
        for path in set(self._files(self.tree)) - found:
            os.remove(f"{self.tree}/{path}")
        for path in found:
            self._put(path)

    @staticmethod
    def _files(root):
        for folder, names, leaves in os.walk(root):
            names[:] = [name for name in names if not LEFT_BEHIND.match(name)]
            yield from (os.path.relpath(f"{folder}/{leaf}", root) for leaf in leaves)

    def _put(self, path):
        """What is the same keeps its time, so that it is not built again; what a mutant left behind gets a new one."""
        place = f"{self.tree}/{path}"
        if os.path.exists(place) and filecmp.cmp(f"{SOURCE}/{path}", place, shallow=False):
            return
        os.makedirs(os.path.dirname(place), exist_ok=True)
        shutil.copyfile(f"{SOURCE}/{path}", place)
        shutil.copymode(f"{SOURCE}/{path}", place)

    def make(self, seconds):
        return run(["cmake", "--build", self.build, "--target", "unit_programs", "vectors_programs"], seconds)

    def begin(self):
        code, said = run(["cmake", "-S", self.tree, "-B", self.build, "-G", "Ninja", "-DHF_MUTANTS=ON", f"-DHF_TEST_MOST={TEST_MOST}"],
                         BUILD_MOST)
        return (code, said) if code else self.make(BUILD_MOST)

    def tests(self, seconds, *which):
        return run(["ctest", "--test-dir", self.build, "-L", "^(unit|vectors)$", *which, "--stop-on-failure", "-j2"], seconds)

    def noticed(self, path, seconds):
        """The test that fails first, "" when none does; those that bear the file's name are asked first."""
        name = os.path.basename(path)[:-2].split("_")[0]
        for which in (["-R", f"test_{name}|test_vectors"], []):
            code, said = self.tests(seconds, *which)
            if code:
                found = SAID_FAILED.findall(said)
                return found[0] if found else "no test" if "No tests were found" in said else "a test"
        return ""

    def play(self, mutant, end):
        """("dies", by what), ("lives", ""), or ("left out", why)."""
        path, number, _, _, after = mutant
        place = f"{self.tree}/{path}"
        with open(place, encoding="utf-8") as file:
            before = file.read()
        lines = before.split("\n")
        lines[number] = after
        try:
            with open(place, "w", encoding="utf-8") as file:
                file.write("\n".join(lines))
            code, _ = self.make(end - time.monotonic())
            if code:
                return "left out", "it does not compile"
            by = self.noticed(path, end - time.monotonic())
            return ("dies", by) if by else ("lives", "")
        finally:
            with open(place, "w", encoding="utf-8") as file:
                file.write(before)


def play(n, folder):
    """Draws and plays; prints a line each and the closing line; the exit status: does one live?"""
    seed, end = int(os.environ.get("HF_SEED") or random.randrange(10**6)), time.monotonic() + MOST
    counts = {"dies": 0, "lives": 0, "left out": 0}
    print(f"mutants: HF_SEED={seed}", flush=True)
    copy = Copy(folder)
    code, said = copy.begin()
    if not code:
        code, said = copy.tests(BUILD_MOST)
    if code:
        print(f"{said[-4000:]}\nnot ok the tree without a mutant\n0 passed, 1 failed, 0 skipped")
        return 1
    for mutant in drawn(seed, n):
        how, why = copy.play(mutant, end) if time.monotonic() < end else ("left out", "no time is left")
        counts[how] += 1
        path, number, what, before, after = mutant
        word = {"dies": "ok    ", "lives": "not ok", "left out": "skip  "}[how]
        print(f"{word} {path}:{number + 1} {what}: {how}{f', {why}' if why else ''}", flush=True)
        if how == "lives":
            print(f"         {before.strip()}\n      -> {after.strip()}", flush=True)
    print("{dies} passed, {lives} failed, {left out} skipped".format(**counts))
    return int(counts["lives"] > 0)
