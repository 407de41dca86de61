#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Base, wire, law and text are pure: their objects may ask the outside for memory, text and cryptography, and for nothing else.

Reads the object files in the build folder (HF_BUILD) with `nm -u`. What is not on the list is refused: time, files,
network, environment, threads, printing, randomness. The one exception is the making of keys, in key.c.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

import house

ROOMS = ("hf_base", "hf_wire", "hf_law", "hf_text")
ALLOWED = re.compile(
    r"^(hf_\w+"
    # memory and text
    r"|(__)?mem(cpy|move|set|cmp|chr|mem)(_chk)?|(__)?(m|c|re)alloc(array)?|free|qsort|bsearch"
    r"|(__)?str(len|nlen|cmp|ncmp|chr|rchr|str|spn|cspn|pbrk|dup|ndup|toll|tol|toull|toul)(_chk)?"
    r"|(__)?v?snprintf(_chk)?|__isoc(99|23)_strto(l|ll|ul|ull)|__ctype_b_loc|__errno_location|__stack_chk_fail"
    # JSON in memory alone
    r"|json_(?!(load|dump)(_file|f|fd|_callback)$)\w+"
    # cryptography without randomness
    r"|EVP_(?!PKEY_(keygen|Q_keygen|generate|paramgen)|RAND|KEYEXCH)\w+|ERR_(clear_error|peek_error|get_error|set_mark|pop_to_mark)"
    r"|OPENSSL_cleanse|CRYPTO_(free|clear_free|malloc|zalloc|memcmp|secure_\w+)|BN_(?!\w*rand)\w+|OBJ_\w+|SHA256\w*"
    # the letters of Unicode
    r"|utf8proc_\w+"
    # sanitizers
    r"|__(asan|ubsan|lsan|sanitizer|sancov)_\w+|__start_\w+|__stop_\w+)$"
)
# Signatures are for wire; law asks OpenSSL for digests alone.
DIGESTS = re.compile(r"^EVP_(Digest(Init|Init_ex|Update|Final|Final_ex)?|MD_CTX_(new|free|reset)|sha256)$")
# Private keys are made and wrapped here, and need randomness and memory buffers.
ALLOWED_IN = {
    "key.c": re.compile(
        r"^(RAND_(priv_)?bytes|BIO_(new|new_mem_buf|s_mem|s_secmem|ctrl|free|read|write)|PEM_\w*bio\w*|PKCS[58]_\w+"
        r"|(d2i|i2d)_\w+|X509_(ALGOR|SIG)_free|EVP_PKEY_(keygen|keygen_init|Q_keygen))$"
    )
}


def objects(build, room):
    return sorted(glob.glob(os.path.join(build, "CMakeFiles", room + ".dir", "**", "*.o"), recursive=True))


def unknown(path):
    out = subprocess.run(["nm", "-u", path], check=True, capture_output=True, text=True).stdout
    return sorted({line.split()[-1].split("@")[0] for line in out.splitlines() if line.strip()})


def check_build(build):
    wrong, looked = [], 0
    for room in ROOMS:
        found = objects(build, room)
        if not found:
            wrong.append(f"{room} has no object files in the build folder; build first, and say where with HF_BUILD")
        for path in found:
            looked += 1
            source = os.path.basename(path)[: -len(".o")]
            more = ALLOWED_IN.get(source)
            for symbol in unknown(path):
                may = ALLOWED.match(symbol) or (more and more.match(symbol))
                if not may or (room == "hf_law" and symbol.startswith("EVP_") and not DIGESTS.match(symbol)):
                    wrong.append(f"{room}: {source} uses {symbol}(), which a pure room must not")
    return wrong, looked


FAULTS = {
    "the clock": ("time", "#include <time.h>\nlong planted(void) { return (long)time(0); }"),
    "a better clock": ("clock_gettime", "#include <time.h>\nlong planted(void) { struct timespec t; return clock_gettime(0, &t); }"),
    "the environment": ("getenv", "#include <stdlib.h>\nchar *planted(void) { return getenv(\"X\"); }"),
    "a file": ("fopen", "#include <stdio.h>\nvoid *planted(void) { return fopen(\"x\", \"r\"); }"),
    "a file descriptor": ("open", "#include <fcntl.h>\nint planted(void) { return open(\"x\", 0); }"),
    "a socket": ("socket", "#include <sys/socket.h>\nint planted(void) { return socket(1, 1, 0); }"),
    "chance": ("rand", "#include <stdlib.h>\nint planted(void) { return rand(); }"),
    "printing": ("printf", "#include <stdio.h>\nint planted(int n) { return printf(\"%d\", n); }"),
    "JSON from a file": ("json_load_file", "void *json_load_file(void); void *planted(void) { return json_load_file(); }"),
    "a new key outside key.c": ("EVP_PKEY_Q_keygen", "void *EVP_PKEY_Q_keygen(void); void *planted(void) { return EVP_PKEY_Q_keygen(); }"),
    "a signature verified by the law itself": ("EVP_DigestVerify", "int EVP_DigestVerify(void); int planted(void) { return EVP_DigestVerify(); }"),
    "randomness outside key.c": ("RAND_bytes", "int RAND_bytes(void); int planted(void) { return RAND_bytes(); }"),
}


def self_test():
    """Compile one fault at a time into a folder that looks like a build."""
    wrong = []
    for name, (symbol, code) in FAULTS.items():
        with tempfile.TemporaryDirectory(prefix="holdfast-check-") as build:
            for room in ROOMS:
                folder = os.path.join(build, "CMakeFiles", room + ".dir")
                os.makedirs(folder)
                text = code if room == "hf_law" else "int planted(void) { return 0; }"
                subprocess.run(["cc", "-w", "-O2", "-c", "-x", "c", "-", "-o", os.path.join(folder, "planted.c.o")],
                               input=text, text=True, check=True)
            if not any(f"uses {symbol}()" in line for line in check_build(build)[0]):
                wrong.append(f"the planted fault \"{name}\" was not refused")
    return wrong, len(FAULTS)


def main():
    if sys.argv[1:] == ["--self-test"]:
        wrong, looked = self_test()
    elif not sys.argv[1:]:
        wrong, looked = check_build(os.environ.get("HF_BUILD", os.path.join(house.ROOT, "build")))
    else:
        print("usage: purity.py [--self-test], with HF_BUILD set to the build folder", file=sys.stderr)
        return 2
    for line in wrong:
        print(line)
    print(f"{max(looked - len(wrong), 0)} passed, {len(wrong)} failed, 0 skipped")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
