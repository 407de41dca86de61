#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""figures.py [--json] FILE... - prints the rows that the parts of the bench wrote, as a plain table or as JSON.

A row is {"what", "unit", "n", "min", "median", "max"}; "beside" (another row's `what`) and "ratio" (of the medians) where it has
a baseline from the same run; "note"; or {"what", "skipped"} where this machine cannot measure it.
"""
import json
import os
import statistics
import sys

UNITS = {"us": 1e6, "ms": 1e3}


class Rows:
    """What one part measured; `save` hands it on."""

    def __init__(self):
        self.rows, self.medians = [], {}

    def add(self, what, unit, values, beside=None, note=None):
        """Values of a time are seconds. The base of `beside` has been added before."""
        values = [value * UNITS.get(unit, 1) for value in values]
        median = statistics.median(values)
        self.medians[what] = median
        row = {"what": what, "unit": unit, "n": len(values), "min": min(values), "median": median, "max": max(values)}
        if beside and self.medians[beside]:
            row.update(beside=beside, ratio=median / self.medians[beside])
        if note:
            row["note"] = note
        self.rows.append(row)

    def skip(self, what, why):
        self.rows.append({"what": what, "skipped": why})

    def save(self, path):
        with open(path, "w", encoding="utf-8") as out:
            json.dump({"load": os.getloadavg(), "cores": os.cpu_count(), "rows": self.rows}, out)


def number(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def line(row):
    if "skipped" in row:
        return f"{row['what']:<74} skipped: {row['skipped']}"
    told = "".join(f"{number(row[key]):>10}" for key in ("min", "median", "max"))
    beside = f"  {row['ratio']:.2f} of: {row['beside']}" if "ratio" in row else ""
    return f"{row['what']:<74}{row['n']:>6}{told} {row['unit']:<4}{beside}" + (f"  ({row['note']})" if "note" in row else "")


def main():
    as_json, paths = "--json" in sys.argv, [word for word in sys.argv[1:] if word != "--json"]
    parts = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            parts.append(json.load(file))
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
