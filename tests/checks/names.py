#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Whoever searches for a name finds one thing: no two .c files share theirs, and no short static name stands all over the house.

Tests are alike by intention: what begins and ends each of them has one name. The words that say least stand once, there too."""
import os
import re
import sys

import house
import sizes

PRODUCT = ("agent", "controller", "proto")
LOOKED_AT = (*PRODUCT, "tests")
MAIN = re.compile(r"^main(_\w+)?\.c$")
# In how many files a static function of one word may stand; of these words, which say least, in one.
FILES_MAX = 5
VAGUE = {"say": 1, "take": 1, "tell": 1, "compare": 1}
STATIC = re.compile(r"^(?:HF_\w+(?:\([^)]*\))? )?static [^;={]*?\b(\w+)\([^;{}]*?\)\n\{", re.M)


def same_files(paths):
    places = {}
    for path in paths:
        name = os.path.basename(path)
        if not MAIN.match(name):
            places.setdefault(name, []).append(path)
    return [f"{name}: the name of {len(found)} files: {' '.join(found)}" for name, found in sorted(places.items()) if len(found) > 1]


def same_functions(root, paths):
    places = {}
    for path in paths:
        bare = sizes.STRING.sub(sizes.blank, sizes.COMMENT.sub(sizes.blank, house.read(root, path)))
        for name in set(STATIC.findall(bare)):
            if "_" not in name and (name in VAGUE or path.startswith(PRODUCT)):
                places.setdefault(name, []).append(path)
    return [f"{name}: a static function of that name stands in {len(found)} files; at most {VAGUE.get(name, FILES_MAX)} may have it: "
            + " ".join(found) for name, found in sorted(places.items()) if len(found) > VAGUE.get(name, FILES_MAX)]


def check(root):
    paths = house.files(root, ".c", folders=LOOKED_AT)
    return same_files(paths) + same_functions(root, paths), len(paths)


def plant_functions(name, *paths):
    def spoil(root):
        for path in paths:
            house.write(root, path, f"HF_NODISCARD static int {name}(const char *a,\n\t\tint (*b)(int))\n{{\n}}\n")
    return spoil


PLANTS = (
    ("two files of one name", lambda r: (house.write(r, "agent/link/planted.c", ""), house.write(r, "proto/law/planted.c", "")),
     "planted.c: the name of 2 files"),
    ("two tests of one name", lambda r: (house.write(r, "tests/unit/test_planted.c", ""), house.write(r, "tests/property/test_planted.c", "")),
     "test_planted.c: the name of 2 files"),
    ("a word that says little, in a test too", plant_functions("tell", "agent/a.c", "tests/unit/test_b.c"), "tell: a static function"),
    ("a word that says little, twice", plant_functions("tell", "agent/a.c", "proto/base/b.c"), "tell: a static function"),
    ("one word in six files", plant_functions("plant", *(f"agent/{n}.c" for n in "abcdef")), "plant: a static function of that name stands in 6"),
)

if __name__ == "__main__":
    sys.exit(house.main(check, PLANTS))
