#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""figures.py [--json] [--hold] FILE... - prints the rows that the parts of the bench wrote, as a plain table or as JSON.

A row is {"what", "unit", "n", "min", "median", "max"}; "beside" (another row's `what`) and "ratio" (of the medians) where it has
a baseline from the same run; "note"; or {"what", "skipped"} where this machine cannot measure it. A row of which something is
promised has "promised", in words, and "holds"; with --hold the exit status is 1 if one does not hold.
"""
import json
import math
import os
import statistics
import sys

UNITS = {"us": 1e6, "ms": 1e3}

# Of Student's t, two-sided, by degrees of freedom; beyond 30 it hardly falls.
T95 = {1: 12.71, 2: 4.30, 3: 3.18, 5: 2.57, 7: 2.36, 11: 2.20, 15: 2.13, 19: 2.09, 23: 2.07, 31: 2.04}
LONG = 0.002  # what takes more is told in milliseconds


class AtMost:
    """What is promised of a row: so many times its baseline and so many units more; or so many units, of all its values."""

    def __init__(self, times=0, more=0, all_within=None):
        self.times, self.more, self.all_within = times, more, all_within

    def judge(self, row, base):
        if self.all_within is not None:
            row["promised"] = f"at most {self.all_within} {row['unit']}, always"
            row["holds"] = row["max"] <= self.all_within
            return
        most = self.times * base["median"] + self.more
        row["promised"] = f"at most {self.times} of it" + (f" and {self.more} {row['unit']}" if self.more else "")
        row["holds"] = row["median"] <= most


class Rows:
    """What one part measured; `save` hands it on."""

    def __init__(self):
        self.rows, self.named = [], {}

    def add(self, what, unit, values, beside=None, **more):
        """Values of a time are seconds. The base of `beside` has been added before. more: note, promise."""
        values = [value * UNITS.get(unit, 1) for value in values]
        median = statistics.median(values)
        row = self.named[what] = {"what": what, "unit": unit, "n": len(values), "min": min(values), "median": median, "max": max(values)}
        if beside and self.named[beside]["median"]:
            row.update(beside=beside, ratio=median / self.named[beside]["median"])
        if more.get("note"):
            row["note"] = more["note"]
        if more.get("promise"):
            more["promise"].judge(row, self.named.get(beside))
        self.rows.append(row)

    def skip(self, what, why):
        self.rows.append({"what": what, "skipped": why})

    def save(self, path):
        with open(path, "w", encoding="utf-8") as out:
            json.dump({"load": os.getloadavg(), "cores": os.cpu_count(), "rows": self.rows}, out)


def interval(ratios):
    """(the ratio, the least and the most that it may be)."""
    logs = [math.log(ratio) for ratio in ratios]
    mean, freedom = statistics.mean(logs), len(logs) - 1
    t = T95[max((n for n in T95 if n <= freedom), default=1)]
    off = t * statistics.stdev(logs) / math.sqrt(len(logs)) if freedom else math.inf
    return tuple(math.exp(value) if value < 700 else math.inf for value in (mean, mean - off, mean + off))


def add_pairs(rows, what, pairs, names, promise=None):
    """Each of `pairs` is (seconds of the base, seconds of what is held beside it), one after the other; `names` are theirs."""
    base, here = names
    ratio, least, most = interval([after / before for before, after in pairs])
    unit = "ms" if statistics.median(before for before, _ in pairs) > LONG else "us"
    rows.add(f"{what}: {base}", unit, [before for before, _ in pairs])
    rows.add(f"{what}: {here}", unit, [after for _, after in pairs], f"{what}: {base}", promise=promise and Within(promise, ratio),
             note=f"turn by turn {ratio:.3f}, 95 % of {least:.3f} to {most:.3f}")


class Within:
    """Promised of the ratio turn by turn; where its interval reaches to both sides, more rounds say more."""

    def __init__(self, most, ratio):
        self.most, self.ratio = most, ratio

    def judge(self, row, _):
        row["promised"] = f"at most {self.most} of it, turn by turn"
        row["holds"] = self.ratio <= self.most


def number(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def line(row):
    if "skipped" in row:
        return f"{row['what']:<74} skipped: {row['skipped']}"
    told = "".join(f"{number(row[key]):>10}" for key in ("min", "median", "max"))
    beside = f"  {row['ratio']:.2f} of: {row['beside']}" if "ratio" in row else ""
    promised = f"  {'HOLDS' if row['holds'] else 'DOES NOT HOLD'}: {row['promised']}" if "promised" in row else ""
    return f"{row['what']:<74}{row['n']:>6}{told} {row['unit']:<4}{beside}{promised}" + (f"  ({row['note']})" if "note" in row else "")


def main():
    as_json, paths = "--json" in sys.argv, [word for word in sys.argv[1:] if not word.startswith("--")]
    parts = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            parts.append(json.load(file))
    broken = [row for part in parts for row in part["rows"] if not row.get("holds", True)]
    show(parts, as_json)
    if "--hold" in sys.argv:
        sys.exit(1 if broken else 0)


def show(parts, as_json):
    if as_json:
        print(json.dumps(parts, indent=1))
        return
    for part in parts:
        print(f"load when it ended {part['load'][0]:.1f} on {part['cores']} cores")
        print(f"{'':<74}{'n':>6}{'min':>10}{'median':>10}{'max':>10}")
        print("\n".join(map(line, part["rows"])))
        print()


if __name__ == "__main__":
    main()
