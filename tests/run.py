# SPDX-License-Identifier: MIT
"""Build three times (gcc, clang with sanitizers, clang with libFuzzer) and run every kind of test.

One line a kind with its counts; the output of what failed; last, the plain line `N passed, N failed, N skipped`.
"""
import argparse
import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(HERE)
PYTHON = "/usr/bin/python3"
FUZZ_SECONDS = 15
SLOW_SECONDS, SLOW_MOST = 30, 12  # which tests a run waits for
TORTURE_ALL = 12 * 3600
FUZZ_WORDS = re.compile(r"ERROR: |SUMMARY: |runtime error:")
CHECKS = {"layer": ("layers", "rings", "map"), "purity": ("purity", "mingw"), "header": ("headers",),
          "style": ("sizes", "names", "comments", "cites", "words", "spdx", "man")}
PROGRAMS = ("unit", "vectors", "oom", "property", "sim")
ALONE = ("test_story.py", "test_idle.py")  # their clocks want the machine for themselves
QUICK = {*CHECKS, "unit", "vectors", "schema"}
CLOSING = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$", re.M)
CRITERION = re.compile(r"Tested: (\d+) \| Passing: (\d+) \| Failing: (\d+) \| Crashing: (\d+)")


class Result:
    """What one program said: counts, and its output if that is worth showing."""

    def __init__(self, name, passed, failed, skipped=0, output="", seconds=0.0):
        self.name, self.passed, self.failed, self.skipped, self.output = name, passed, failed, skipped, output
        self.seconds = seconds


def run(argv, seconds, **environment):
    """Run a command; returns (exit code, its whole output). A command that is still there in the end has failed."""
    try:
        done = subprocess.run(argv, timeout=seconds, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=SOURCE,
                              stderr=subprocess.STDOUT, env={**os.environ, **environment}, check=False)
        return done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        return 124, (late.stdout or b"").decode(errors="replace") + f"\nstill running after {seconds} s\n"


def build(folder, *options):
    code, output = run(["cmake", "-S", SOURCE, "-B", folder, "-G", "Ninja", *options], 120)
    if code == 0:
        code, output = run(["cmake", "--build", folder], 900)
    return Result(f"build {os.path.basename(folder)}", int(code == 0), int(code != 0), output=output)


def ctest(folder, labels, **environment):
    """The Criterion programs of these labels, two side by side: a Result a label, with the counts of its single tests."""
    code, output = run(["ctest", "--test-dir", folder, "-L", f"^({'|'.join(labels)})$", "--output-on-failure", "--verbose",
                        "--no-tests=error", "-j2"], 1500, **environment)
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
    return Result(label, passed, failed, output="\n".join(lines + [f"failed: {name}" for name in bad]))


def script(name, argv, seconds=600, **environment):
    """A program that ends with the plain line."""
    start = time.monotonic()
    code, output = run(argv, seconds, **environment)
    found = CLOSING.findall(output)
    if not found:
        return Result(name, 0, 1, 0, output + "\n(it printed no closing line)\n", time.monotonic() - start)
    passed, failed, skipped = (int(n or 0) for n in found[-1])
    if code != 0 and failed == 0:
        failed = 1
    return Result(name, passed, failed, skipped, output, time.monotonic() - start)


def fuzz(program, folder):
    name = os.path.basename(program).removeprefix("fuzz_")
    seeds = f"{HERE}/fuzz/corpus/{name}"
    grown = f"{folder}/corpus/{name}"
    os.makedirs(grown, exist_ok=True)
    if not os.listdir(seeds):
        return Result(name, 0, 1, output=f"{seeds} is empty\n")
    code, output = run([program, f"-max_total_time={FUZZ_SECONDS}", "-max_len=70000", "-timeout=10", "-rss_limit_mb=2048",
                        "-print_final_stats=1", f"-artifact_prefix={folder}/", grown, seeds], FUZZ_SECONDS + 120)
    bad = code != 0 or FUZZ_WORDS.search(output)
    return Result(name, int(not bad), int(bool(bad)), output=output)


def show(kind, results, start):
    """Print one line for a kind, and the output of what failed; returns the counts."""
    passed, failed, skipped = (sum(getattr(r, n) for r in results) for n in ("passed", "failed", "skipped"))
    for result in results:
        if result.failed:
            print(f"--- {kind}: {result.name} failed\n{result.output[-8000:]}")
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
        return self.kinds([name], [(name, job) for job in jobs], side_by_side)

    def kinds(self, names, jobs, side_by_side=1, alone=()):
        """The same for (kind, job) of several kinds, in one queue; a line for each kind in the end. Last, one by one: alone."""
        names = [name for name in names if self._wanted(name)]
        jobs, alone = ([(kind, job) for kind, job in some if kind in names] for some in (jobs, alone))
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(side_by_side) as pool:
            done = [(kind, f.result()) for kind, f in [(kind, pool.submit(job)) for kind, job in jobs]]
        done += [(kind, job()) for kind, job in alone]
        return all([self._close(name, [result for kind, result in done if kind == name], start) for name in names])

    def labels(self, folder, labels):
        """Run the Criterion programs of several kinds together."""
        wanted = [label for label in labels if self._wanted(label)]
        start = time.monotonic()
        for result in ctest(folder, wanted) if wanted else []:
            self._close(result.name, [result], start)

    def _wanted(self, name):
        return not self.only or name in self.only

    def _close(self, name, results, start):
        """A job may give one Result or several."""
        results = [r for result in results for r in (result if isinstance(result, list) else [result])]
        counts = show(name, results or [Result("nothing to run", 0, 1)], start)
        self.total = [a + b for a, b in zip(self.total, counts)]
        return counts[1] == 0


def builds(folder):
    return [lambda: build(f"{folder}", "-DHF_TESTS=ON"),
            lambda: build(f"{folder}-sanitize", "-DCMAKE_C_COMPILER=clang", "-DHF_SANITIZE=ON"),
            lambda: build(f"{folder}-fuzz", "-DCMAKE_C_COMPILER=clang", "-DHF_FUZZ=ON")]


def all_kinds(run_, folder):
    sanitizer = {"HF_AGENTS": "300", "HF_SIM_AGENTS": "12", "HF_OOM_STEP": "3",
                 "ASAN_OPTIONS": "detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1"}
    here = {"HF_BUILD": folder, "HF_BUILT": "1"}
    for kind, checks in CHECKS.items():
        run_.kind(kind, [lambda c=check: script(c, [f"{HERE}/checks/run", c], **here) for check in checks], side_by_side=2)
    run_.labels(folder, PROGRAMS)
    run_.kind("schema", [lambda: script("schemas", [PYTHON, f"{HERE}/vectors/check_schemas.py"]),
                         lambda: script("made anew", [PYTHON, f"{HERE}/vectors/make.py", "--check"])])
    run_.kind("sanitizer", [lambda: ctest(f"{folder}-sanitize", PROGRAMS, **sanitizer)])
    fuzzers = sorted(p for p in glob.glob(f"{folder}-fuzz/tests/fuzz_*") if os.access(p, os.X_OK) and os.path.isfile(p))
    run_.kind("fuzz", [lambda p=p: fuzz(p, f"{folder}-fuzz") for p in fuzzers], side_by_side=2)
    tests = sorted(glob.glob(f"{HERE}/system/test_*.py"))
    torture = ("torture", lambda: script("torture", [PYTHON, f"{HERE}/torture/torture.py", *(["--all"] if run_.all else [])],
                                         TORTURE_ALL if run_.all else 600, **here))
    jobs = {os.path.basename(p): ("system", lambda p=p: script(os.path.basename(p), [PYTHON, p], 900, **here)) for p in tests}
    run_.kinds(["torture", "system"], [torture] + [job for name, job in jobs.items() if name not in ALONE], side_by_side=2,
               alone=[jobs[name] for name in ALONE if name in jobs])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kinds", nargs="*", help="only these kinds: layer purity header style unit vectors oom property sim "
                        "schema sanitizer fuzz torture system")
    parser.add_argument("--quick", action="store_true", help="the checks, unit and vectors: what each commit passes")
    parser.add_argument("--all", action="store_true", help="torture at every call, not at a sample: hours")
    parser.add_argument("--build", default=f"{SOURCE}/build", help="the build folder; the others stand beside it")
    options = parser.parse_args()
    only = set(options.kinds) | (QUICK if options.quick else set())
    run_ = Run(only | {"build"} if only else None, options.all)
    wanted = builds(options.build)
    if only and not only & {"sanitizer", "fuzz"}:
        wanted = wanted[:1]
    if run_.kind("build", wanted):
        all_kinds(run_, options.build)
    passed, failed, skipped = run_.total
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return int(failed != 0)


if __name__ == "__main__":
    sys.exit(main())
