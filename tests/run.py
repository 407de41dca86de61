# SPDX-License-Identifier: MIT
"""Build three times (gcc, clang with sanitizers, clang with libFuzzer) and run every kind of test.

One line a kind with its counts; the output of what failed; last, the plain line `N passed, N failed, N skipped`. Torture and
system tests wait for most of their time: they run beside all that computes. No test is a clock, so a busy machine breaks none.
"""
import argparse
import concurrent.futures
import contextlib
import glob
import os
import re
import resource
import shutil
import subprocess
import sys
import time

import mutants

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(HERE)
PYTHON = "/usr/bin/python3"
FUZZ_SECONDS = 15  # of a processor, however many others want it
SLOW_SECONDS, SLOW_MOST = 30, 12  # which tests a run waits for
MOST, TORTURE_ALL = 2 * 3600, 12 * 3600  # seconds: who is still there then will not end
BUSY_LOOPS, BUSY_LOOP = 4, f"ulimit -t {MOST}; while :; do :; done"
WAITERS = 4  # packages, torture and system tests that run side by side
LONGEST = ("packages", "torture", "story", "bypass", "extension", "browser", "firefox", "cli", "vectors", "network", "desk")  # they begin
FUZZ_WORDS = re.compile(r"ERROR: |SUMMARY: |runtime error:")
CHECKS = {"layer": ("layers", "rings", "map"), "purity": ("purity", "mingw"), "header": ("headers",),
          "style": ("sizes", "names", "comments", "texts", "cites", "words", "sentences", "faces", "spdx", "man", "limits", "proofs")}
PROGRAMS = ("unit", "vectors", "oom", "property", "sim")
FUZZ_WORD = "--fuzz-one"
PACKAGES = "packages"  # by name with Debian 13
QUICK = {*CHECKS, "unit", "vectors", "schema"}
OUTPUT_MAX = 8000  # characters of a failed test that are printed
CLOSING = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$", re.M)
CRITERION = re.compile(r"Tested: (\d+) \| Passing: (\d+) \| Failing: (\d+) \| Crashing: (\d+)")


class Result:
    """What one program said: counts, and its output if that is worth showing."""

    def __init__(self, name, counts, output="", seconds=0.0):
        """counts: passed, failed, skipped."""
        self.name, self.output, self.seconds = name, output, seconds
        self.passed, self.failed, self.skipped = counts


def one(name, good, output):
    return Result(name, (int(good), int(not good), 0), output)


def run(argv, seconds, **environment):
    """Run a command; returns (exit code, its whole output). A command that is still there in the end has failed."""
    try:
        done = subprocess.run(argv, timeout=seconds, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=SOURCE,
                              stderr=subprocess.STDOUT, env={**os.environ, **environment}, check=False)
        return done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        return 124, (late.stdout or b"").decode(errors="replace") + f"\nstill running after {seconds} s\n"


def build(folder, target, *options):
    code, output = run(["cmake", "-S", SOURCE, "-B", folder, "-G", "Ninja", *options], MOST)
    if code == 0:
        code, output = run(["cmake", "--build", folder, "--target", target], MOST)
    return one(f"build {os.path.basename(folder)}", code == 0, output)


def ctest(folder, labels, **environment):
    """The Criterion programs of these labels, two side by side: a Result a label, with the counts of its single tests."""
    code, output = run(["ctest", "--test-dir", folder, "-L", f"^({'|'.join(labels)})$", "--output-on-failure", "--verbose",
                        "--no-tests=error", "-j2"], MOST, **environment)
    results = [of_label(label, output) for label in labels]
    if code != 0 and not any(r.failed for r in results):
        results[0].failed, results[0].output = 1, output
    return results


def of_label(label, output):
    """What ctest's output says of one label; a program that ctest calls failed counts as one at least."""
    names = dict(re.findall(rf"Start\s+(\d+): {label}/(\S+)", output))
    lines = [line for line in output.splitlines() if line.split(":")[0].strip() in names]
    rows = [tuple(map(int, row)) for row in CRITERION.findall("\n".join(lines))]
    passed, failed = sum(r[1] for r in rows), sum(r[2] + r[3] for r in rows)
    bad = [name for name in names.values() if re.search(rf" {label}/{name} \.*\s*\*\*\*", output)]
    if bad or not names:
        failed = max(failed, len(bad), 1)
    return Result(label, (passed, failed, 0), "\n".join(lines + [f"failed: {name}" for name in bad]))


def script(name, argv, seconds=MOST, **environment):
    """A program that ends with the plain line."""
    start = time.monotonic()
    code, output = run(argv, seconds, **environment)
    found = CLOSING.findall(output)
    if not found:
        return Result(name, (0, 1, 0), output + "\n(it printed no closing line)\n", time.monotonic() - start)
    passed, failed, skipped = (int(n or 0) for n in found[-1])
    if code != 0 and failed == 0:
        failed = 1
    return Result(name, (passed, failed, skipped), output, time.monotonic() - start)


def fuzz(program, folder):
    name = os.path.basename(program).removeprefix("fuzz_")
    seeds = f"{HERE}/fuzz/corpus/{name}"
    grown = f"{folder}/corpus/{name}"
    os.makedirs(grown, exist_ok=True)
    if not os.listdir(seeds):
        return one(name, False, f"{seeds} is empty\n")
    code, output = run([PYTHON, os.path.abspath(__file__), FUZZ_WORD, program, f"-max_total_time={FUZZ_SECONDS}", "-max_len=70000",
                        "-timeout=120", "-rss_limit_mb=2048", "-print_final_stats=1", f"-artifact_prefix={folder}/", grown, seeds], MOST)
    return one(name, code == 0 and not FUZZ_WORDS.search(output), output)


def fuzz_enough(command):
    """Again and again until it has had its seconds of a processor; for a process of its own, which counts its children."""
    while True:
        code = subprocess.run(command, check=False).returncode
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        if code != 0 or used.ru_utime + used.ru_stime >= FUZZ_SECONDS - 1:
            return code


def worth_reading(output):
    """Its end, and before it the lines that say what did not hold."""
    bad = [line for line in output[:-OUTPUT_MAX].splitlines() if line.startswith(("not ok", "[FAIL]"))]
    return "\n".join(bad + [output[-OUTPUT_MAX:]])


def show(kind, results, start):
    """Print one line for a kind, and the output of what failed; returns the counts."""
    passed, failed, skipped = (sum(getattr(r, n) for r in results) for n in ("passed", "failed", "skipped"))
    for result in results:
        if result.failed:
            print(f"--- {kind}: {result.name} failed\n{worth_reading(result.output)}")
        for line in result.output.splitlines():
            if line.startswith("skip"):
                print(f"    {result.name}: {line}")
    slow = sorted((r for r in results if r.seconds >= SLOW_SECONDS), key=lambda r: -r.seconds)
    if slow:
        print("    longest: " + ", ".join(f"{r.name} {r.seconds:.0f} s" for r in slow[:SLOW_MOST]))
    print(f"{kind}: {passed} ok, {failed} bad, {skipped} left out ({time.monotonic() - start:.0f} s)", flush=True)
    return passed, failed, skipped


class Run:
    def __init__(self, only, every=False):
        self.total, self.only, self.all = [0, 0, 0], only, every

    def kind(self, name, jobs, side_by_side=1):
        """Run the jobs of one kind, if it is asked for; jobs are functions that return a Result. True: none failed."""
        if not self.wants(name):
            return True
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(side_by_side) as pool:
            return self._close(name, [done.result() for done in [pool.submit(job) for job in jobs]], start)

    @contextlib.contextmanager
    def beside(self, names, jobs, side_by_side):
        """Run (kind, job) of these kinds beside what is done meanwhile; a line for each kind in the end."""
        names, start = [name for name in names if self.wants(name)], time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(side_by_side) as pool:
            begun = [(kind, pool.submit(job)) for kind, job in jobs if kind in names]
            yield
        for name in names:
            self._close(name, [done.result() for kind, done in begun if kind == name], start)

    def labels(self, folder, labels):
        """Run the Criterion programs of several kinds together."""
        wanted = [label for label in labels if self.wants(label)]
        start = time.monotonic()
        for result in ctest(folder, wanted) if wanted else []:
            self._close(result.name, [result], start)

    def wants(self, name):
        return not self.only or name in self.only

    def _close(self, name, results, start):
        """A job may give one Result or several."""
        results = [r for result in results for r in (result if isinstance(result, list) else [result])]
        counts = show(name, results or [one("nothing to run", False, "")], start)
        self.total = [a + b for a, b in zip(self.total, counts)]
        return counts[1] == 0


def builds(folder):
    """By kind: what the others need first."""
    return {"gcc": lambda: build(folder, "all", "-DHF_TESTS=ON"),
            "sanitizer": lambda: build(f"{folder}-sanitize", "criterion_programs", "-DCMAKE_C_COMPILER=clang", "-DHF_SANITIZE=ON"),
            "fuzz": lambda: build(f"{folder}-fuzz", "fuzzers", "-DCMAKE_C_COMPILER=clang", "-DHF_FUZZ=ON")}


def computes(run_, folder, here):
    """All that keeps the processors busy."""
    sanitizer = {"HF_AGENTS": "300", "HF_SIM_AGENTS": "12", "HF_OOM_STEP": "3",
                 "ASAN_OPTIONS": "detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1"}
    for kind, checks in CHECKS.items():
        run_.kind(kind, [lambda c=check: script(c, [f"{HERE}/checks/run", c], **here) for check in checks], side_by_side=2)
    run_.labels(folder, PROGRAMS)
    run_.kind("schema", [lambda: script("schemas", [PYTHON, f"{HERE}/vectors/check_schemas.py"]),
                         lambda: script("made anew", [PYTHON, f"{HERE}/vectors/make.py", "--check"])])
    run_.kind("model", [lambda: script("join", [PYTHON, f"{HERE}/model/check.py"])])
    more = [job for kind, job in builds(folder).items() if kind != "gcc" and run_.wants(kind)]
    if not more or not run_.kind("build", more):
        return
    run_.kind("sanitizer", [lambda: ctest(f"{folder}-sanitize", PROGRAMS, **sanitizer)])
    fuzzers = sorted(p for p in glob.glob(f"{folder}-fuzz/tests/fuzz_*") if os.access(p, os.X_OK) and os.path.isfile(p))
    run_.kind("fuzz", [lambda p=p: fuzz(p, f"{folder}-fuzz") for p in fuzzers], side_by_side=2)


def waits(run_, here):
    """(kind, job) of torture, the system tests and the packages, the longest first."""
    jobs = {os.path.basename(p)[5:-3]: ("system", lambda p=p: script(os.path.basename(p), [PYTHON, p], **here))
            for p in sorted(glob.glob(f"{HERE}/system/test_*.py"))}
    for name in ("torture", "accepting"):
        jobs[name] = ("torture", lambda n=name: script(n, [PYTHON, f"{HERE}/torture/{n}.py", *(["--all"] if run_.all else [])],
                                                       TORTURE_ALL if run_.all else MOST, **here))
    by_name = run_.only and PACKAGES in run_.only
    must = {"HF_BOOTS": "1"} if by_name else {}
    jobs["packages"] = (PACKAGES, lambda: script("packages", [PYTHON, f"{HERE}/packages/test_packages.py"], **here, **must))
    if by_name:
        jobs["debian13"] = (PACKAGES, lambda: script("debian13", [PYTHON, f"{HERE}/packages/test_debian13.py"], **here))
    return [jobs.pop(name) for name in LONGEST if name in jobs] + list(jobs.values())


@contextlib.contextmanager
def loops(many):
    """So many busy loops beside; they end with this, with the runner in whatever way, and by their own limit."""
    started = [subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "sh", "-c", BUSY_LOOP]) for _ in range(many)]
    try:
        yield
    finally:
        for loop in started:
            loop.kill()
            loop.wait()


def reached_folder(build_folder):
    """Where programs write down what they say, whoever runs them: empty, and for everybody."""
    folder = f"{build_folder}/reached"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    os.chmod(folder, 0o1777)
    return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kinds", nargs="*", help="only these kinds: layer purity header style unit vectors oom property sim "
                        "schema model sanitizer fuzz torture system packages; packages by name alone: on Debian 13, too")
    parser.add_argument("--quick", action="store_true", help="the checks, unit and vectors: what each commit passes")
    parser.add_argument("--all", action="store_true", help="torture at every call, not at a sample: hours")
    parser.add_argument("--build", default=f"{SOURCE}/build", help="the build folder; the others stand beside it")
    parser.add_argument("--mutants", type=int, metavar="N", help="alone: N changed lines of what is pure, by HF_SEED; those that no test notices")
    parser.add_argument("--busy", action="store_true", help=f"beside {BUSY_LOOPS} busy loops, which must break nothing: tests/run --busy torture system")
    options = parser.parse_args()
    if options.mutants is not None:
        return mutants.play(options.mutants, f"{options.build}-mutants")
    only = set(options.kinds) | (QUICK if options.quick else set())
    run_ = Run(only | {"build"} if only else None, options.all)
    here = {"HF_BUILD": options.build, "HF_BUILT": "1"}
    os.environ["HF_REACHED"] = reached_folder(options.build)
    if run_.kind("build", [builds(options.build)["gcc"]]):
        with loops(BUSY_LOOPS if options.busy else 0), run_.beside(["torture", "system", PACKAGES], waits(run_, here), WAITERS):
            computes(run_, options.build, here)
    if not only:
        run_.kind("reached", [lambda: script("sentences", [PYTHON, f"{HERE}/reached.py", os.environ["HF_REACHED"]])])
    passed, failed, skipped = run_.total
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return int(failed != 0)


if __name__ == "__main__":
    sys.exit(fuzz_enough(sys.argv[2:]) if sys.argv[1:2] == [FUZZ_WORD] else main())
