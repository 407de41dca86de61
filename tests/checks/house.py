# SPDX-License-Identifier: MIT
"""What every check of the house shares: the files of the tree, planting faults in a copy of it, and one way to report.

A check is a function that takes the root of a tree and returns what it found wrong and how much it looked at. A check
that cannot be shown to refuse a planted fault is no check: each names its faults, and `--self-test` plants them.
"""
import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "..", ".."))
FOLDERS = ("agent", "controller", "deploy", "include", "proto", "tests")
TEXTS = {}  # what was read: path -> text
PLANTED = {}  # what a planted file held before: path -> text, or None
SKIPPED = {"node_modules", "__pycache__", "vectors", "corpus", "golden"}  # data, made by programs


def files(root, *endings, folders=FOLDERS, data=False):
    """Paths of files, relative to root, sorted; endings such as ".c", or none for all; data: the made ones too."""
    found = []
    for top in folders:
        for folder, names, leaves in os.walk(os.path.join(root, top)):
            inside = os.path.relpath(folder, root).split(os.sep)
            keep = data or inside[0] == "tests"
            names[:] = [n for n in names if not n.startswith(".") and (n not in SKIPPED or (keep and n == "vectors"))]
            found += [os.path.relpath(os.path.join(folder, n), root) for n in leaves if not n.startswith(".")]
    return sorted(f for f in found if not endings or f.endswith(endings))


def tops(root):
    """Files beside the folders."""
    return sorted(n for n in os.listdir(root) if os.path.isfile(os.path.join(root, n)) and not n.startswith("."))


def planted(root, paths):
    """Those of the paths that a check must look at: all, but in a copy for planting, whose files are fine, the planted ones."""
    return [path for path in paths if root == ROOT or os.path.join(root, path) in PLANTED]


def read(root, path):
    full = os.path.join(root, path)
    if full not in TEXTS:
        with open(full, encoding="utf-8", errors="replace") as f:
            TEXTS[full] = f.read()
    return TEXTS[full]


def write(root, path, text):
    """Plant a file in a copy of the tree; it is as before once the next fault is planted."""
    full = os.path.join(root, path)
    PLANTED.setdefault(full, read(root, path) if os.path.exists(full) else None)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    put(full, text)


def remove(root, path):
    """The same, of a file that is taken away."""
    full = os.path.join(root, path)
    PLANTED.setdefault(full, read(root, path))
    put(full, None)


def put(full, text):
    TEXTS.pop(full, None)
    if text is None:
        os.unlink(full)
        return
    with open(full, "w", encoding="utf-8") as f:
        f.write(text)


def restore():
    while PLANTED:
        put(*PLANTED.popitem())


def copy_tree(root, to):
    for path in files(root) + tops(root):
        os.makedirs(os.path.dirname(os.path.join(to, path)), exist_ok=True)
        shutil.copy2(os.path.join(root, path), os.path.join(to, path))


def self_test(check, plants):
    """plants: (name, function that spoils a tree, text that the check must then say)."""
    wrong = []
    with tempfile.TemporaryDirectory(prefix="holdfast-check-") as folder:
        copy_tree(ROOT, folder)
        before = set(check(folder)[0])
        for name, plant, must_say in plants:
            plant(folder)
            said = [line for line in check(folder)[0] if line not in before]
            if not any(must_say in line for line in said):
                wrong.append(f"the planted fault \"{name}\" was not refused")
            restore()
    return wrong, len(plants)


def main(check, plants):
    """check(root) -> (list of what is wrong, how many things were looked at)."""
    return report(lambda: check(ROOT), lambda: self_test(check, plants))


def main_of_build(check_build, planted):
    """The same for check_build(root, build folder), whose faults are planted by a function of its own."""
    return report(lambda: check_build(ROOT, os.environ.get("HF_BUILD", os.path.join(ROOT, "build"))), planted)


def report(check, planted):
    """Run one of the two, each a function that gives (list of what is wrong, how many things were looked at)."""
    if sys.argv[1:] not in ([], ["--self-test"]):
        print(f"usage: {os.path.basename(sys.argv[0])} [--self-test]", file=sys.stderr)
        return 2
    wrong, looked = planted() if sys.argv[1:] else check()
    if not looked:
        wrong = wrong + ["there was nothing to look at"]
    for line in wrong:
        print(line)
    print(f"{max(looked - len(wrong), 0)} passed, {len(wrong)} failed, 0 skipped")
    return 1 if wrong else 0
