#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The pure rooms may ask the outside for memory, text and cryptography, each other for what they give, and nobody for more.

Reads the object files in the build folder (HF_BUILD) with nm. What is not on the list is refused: time, files,
network, environment, threads, printing, randomness, and whatever a room that is not pure gives. The one exception is
the making of keys, in key.c.
"""
import os
import re
import sys
import tempfile

import house
import rings

ROOMS = ("proto/base", "proto/wire", "proto/text", "proto/law", "agent/rules", "controller/telling")
ALLOWED = re.compile(
    # memory and text
    r"^((__)?mem(cpy|move|set|cmp|chr|mem)(_chk)?|(__)?(m|c|re)alloc(array)?|free|qsort|bsearch"
    r"|(__)?str(len|nlen|cmp|ncmp|chr|rchr|str|spn|cspn|pbrk|dup|ndup|toll|tol|toull|toul)(_chk)?"
    r"|(__)?v?snprintf(_chk)?|__isoc(99|23)_strto(l|ll|ul|ull)|__ctype_b_loc|__errno_location|__stack_chk_fail"
    # utf8proc has tables alone
    r"|utf8proc_\w+"
    # names of domains, by tables alone
    r"|idn2_(to_ascii_8z|free)"
    # JSON in memory alone
    r"|json_(?!(load|dump)(_file|f|fd|_callback)$)\w+"
    # cryptography without randomness
    r"|EVP_(?!PKEY_(keygen|Q_keygen|generate|paramgen)|RAND|KEYEXCH)\w+|ERR_(clear_error|peek_error|get_error|set_mark|pop_to_mark)"
    r"|OPENSSL_cleanse|CRYPTO_(free|clear_free|malloc|zalloc|memcmp|secure_\w+)|BN_(?!\w*rand)\w+|OBJ_\w+|SHA256\w*"
    # the letters of Unicode
    r"|utf8proc_\w+"
    # memory of each thread
    r"|_GLOBAL_OFFSET_TABLE_|__tls_get_addr"
    # sanitizers
    r"|__(asan|ubsan|lsan|sanitizer|sancov)_\w+|__start_\w+|__stop_\w+)$"
)
# Signatures are for wire; law asks OpenSSL for digests alone.
DIGESTS = re.compile(r"^EVP_(Digest(Init|Init_ex|Update|Final|Final_ex)?|MD_CTX_(new|free|reset)|sha256)$")
# Private keys are made and wrapped here, and need randomness and memory buffers.
ALLOWED_IN = {
    "pem.c": re.compile(r"^BIO_(ctrl|free)$"),
    "key.c": re.compile(
        r"^(RAND_(priv_)?bytes|BIO_(new|new_mem_buf|s_mem|s_secmem|ctrl|free|read|write)|PEM_\w*bio\w*|PKCS[58]_\w+"
        r"|(d2i|i2d)_\w+|X509_(ALGOR|SIG)_free|EVP_PKEY_(keygen|keygen_init|Q_keygen))$"
    )
}


def is_allowed(source, symbol, giver):
    """May a source of a pure room ask for this symbol, which that source of ours gives, or none?"""
    if giver or symbol.startswith("hf_"):
        return giver is not None and giver.startswith(tuple(room + "/" for room in ROOMS))
    more = ALLOWED_IN.get(os.path.basename(source))
    if not ALLOWED.match(symbol):
        return bool(more and more.match(symbol))
    return not (source.startswith("proto/law/") and symbol.startswith("EVP_") and not DIGESTS.match(symbol))


def check_build(root, build):
    gives, asks = rings.symbols(rings.objects(root, build))
    pure = {room: [source for source in sorted(asks) if source.startswith(room + "/")] for room in ROOMS}
    wrong = [f"{room} has no object files in the build folder; build first, and say where with HF_BUILD"
             for room, sources in pure.items() if not sources]
    for sources in pure.values():
        for source in sources:
            wrong += [f"{source} uses {symbol}(), which a pure room must not" for symbol in sorted(asks[source])
                      if not is_allowed(source, symbol, gives.get(symbol))]
    return wrong, sum(map(len, pure.values()))


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
    "what a room gives that is not pure": ("hf_fs_read", "int hf_fs_read(void); int planted(void) { return hf_fs_read(); }"),
    "randomness outside key.c": ("RAND_bytes", "int RAND_bytes(void); int planted(void) { return RAND_bytes(); }"),
}


def self_test():
    """One tree that looks like a build: a file for each fault, and one without in every room."""
    sources = {f"{room}/fine.c": "static int fine;" for room in ROOMS}
    sources["proto/host/fs.c"] = "int hf_fs_read(void) { return 0; }"
    planted = {f"proto/law/planted_{i}.c": fault for i, fault in enumerate(FAULTS)}
    planted["agent/rules/planted.c"] = "the clock"
    sources |= {path: FAULTS[fault][1].replace("planted", f"hf_{i}") for i, (path, fault) in enumerate(planted.items())}
    with tempfile.TemporaryDirectory(prefix="holdfast-check-") as root:
        said = check_build(root, rings.compile_all(root, sources))[0]
    wrong = [f"refused without a fault: {line}" for line in said if line.split()[0] not in planted]
    for path, fault in planted.items():
        if f"{path} uses {FAULTS[fault][0]}(), which a pure room must not" not in said:
            wrong.append(f"the planted fault \"{fault}\" was not refused")
    return wrong, len(planted)


if __name__ == "__main__":
    sys.exit(house.main_of_build(check_build, self_test))
