#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Each header compiles alone, and twice in a row."""
import concurrent.futures
import os
import subprocess
import sys

import house

LIBRARIES = ("jansson", "libcrypto", "libmosquitto", "sqlite3", "libmicrohttpd", "libcurl", "criterion", "gtk+-3.0")
FLAGS = ["-std=c17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-Wstrict-prototypes", "-fsyntax-only"]


def library_flags():
    out = subprocess.run(["pkg-config", "--cflags", *LIBRARIES], check=True, capture_output=True, text=True).stdout
    return out.split()


def compile_alone(root, path, flags):
    """None, or the compiler's first complaint."""
    text = f'#include "{path}"\n#include "{path}"\nextern int hf_not_empty;\n'
    argv = [os.environ.get("CC", "cc"), *FLAGS, "-I", os.path.join(root, "include"), "-I", root,
            "-I", os.path.join(root, "tests", "help"), *flags, "-x", "c", "-"]
    done = subprocess.run(argv, input=text, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    lines = [line for line in done.stderr.splitlines() if "error:" in line] or done.stderr.splitlines()
    return f"{path}: does not compile alone: {lines[0].replace(root + '/', '')}"


def check(root):
    headers = house.planted(root, house.files(root, ".h"))
    flags = library_flags()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda path: compile_alone(root, path, flags), headers))
    return [line for line in said if line], len(headers)


PLANTS = (
    ("a type that is not included", lambda r: house.write(r, "agent/planted.h", "#pragma once\nuint32_t hf_x(void);\n"),
     "agent/planted.h"),
    ("no guard", lambda r: house.write(r, "include/holdfast/planted.h", "struct hf_planted {\n\tint x;\n};\n"),
     "include/holdfast/planted.h"),
    ("a function without prototype", lambda r: house.write(r, "controller/planted.h", "#pragma once\nint hf_x();\n"),
     "controller/planted.h"),
)

if __name__ == "__main__":
    sys.exit(house.main(check, PLANTS))
