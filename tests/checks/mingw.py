#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Base, wire, text and law compile for Windows as they are: nothing in them is of one operating system.

The headers of the libraries are Debian's, each alone in a folder of its own: nothing else of this machine is seen.
"""
import concurrent.futures
import os
import subprocess
import sys
import tempfile

import house

COMPILER = "x86_64-w64-mingw32-gcc"
FLAGS = ["-std=c17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-c", "-O1", "-o", os.devnull]
ROOMS = ("proto/base", "proto/wire", "proto/text", "proto/law")
# Of each library, what stands in /usr/include or in the folder of this machine's kind below it.
HEADERS = ("jansson.h", "jansson_config.h", "openssl", "utf8proc.h")
SYSTEM = "/usr/include"


def multiarch():
    return subprocess.run(["cc", "-print-multiarch"], check=True, capture_output=True, text=True).stdout.strip()


def link_headers(to):
    """Symbolic links to the libraries' headers alone; a folder that stands in two places becomes one."""
    for place in (SYSTEM, os.path.join(SYSTEM, multiarch())):
        for name in HEADERS:
            path = os.path.join(place, name)
            leaves = [f"{name}/{leaf}" for leaf in os.listdir(path)] if os.path.isdir(path) else [name] if os.path.isfile(path) else []
            for leaf in leaves:
                os.makedirs(os.path.dirname(os.path.join(to, leaf)), exist_ok=True)
                os.symlink(os.path.join(place, leaf), os.path.join(to, leaf))


def compile_one(root, path, headers):
    """None, or the compiler's first complaint."""
    argv = [COMPILER, *FLAGS, "-DHF_VERSION=\"0\"", "-I", os.path.join(root, "include"), "-I", root, "-isystem", headers, os.path.join(root, path)]
    done = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode == 0:
        return None
    lines = [line for line in done.stderr.splitlines() if "error:" in line] or done.stderr.splitlines()
    return f"{path}: does not compile for Windows: {lines[0].replace(root + '/', '')}"


def check(root):
    paths = house.planted(root, house.files(root, ".c", folders=ROOMS))
    with tempfile.TemporaryDirectory(prefix="holdfast-check-") as headers:
        link_headers(headers)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            wrong = [line for line in pool.map(lambda path: compile_one(root, path, headers), paths) if line]
    return wrong, len(paths)


def plant(path, code):
    return lambda root: house.write(root, path, code + "\n")


PLANTS = (
    ("a socket", plant("proto/wire/planted.c", "#include <sys/socket.h>"), "sys/socket.h"),
    ("a user of Unix", plant("proto/law/planted.c", "#include <sys/types.h>\nint planted(uid_t u);"), "uid_t"),
    ("a machine's header", plant("proto/text/planted.c", "#include <sqlite3.h>"), "sqlite3.h"),
    ("a warning", plant("proto/base/planted.c", "static int planted;"), "unused"),
    ("a format that Windows does not know", plant(
        "proto/base/planted.c", "#include <stdio.h>\nint hf_x(char *b, unsigned long n);\n"
        "int hf_x(char *b, unsigned long n)\n{\n\treturn snprintf(b, 9, \"%lu\", (unsigned long long)n);\n}"), "format"),
)

if __name__ == "__main__":
    sys.exit(house.main(check, PLANTS))
