# SPDX-License-Identifier: MIT
"""The commands of deploy/guide/it.md, read from the guide itself: a block that begins with ```sh and for whom it is."""
import re

# What the programs ask on the terminal, and what is typed then.
PASSPHRASE = "correct horse battery staple"
ANSWERS = (("One passphrase for all the new keys, for now: ", PASSPHRASE), ("The same again: ", PASSPHRASE), ("New passphrase: ", PASSPHRASE),
           (".pem: ", PASSPHRASE), ("ca.key: ", PASSPHRASE), ("Type APPROVE to go on: ", "APPROVE"), ("Type yes if it is the same: ", "yes"))


def commands(path):
    """[(for whom, command)] in their order; lines that go on are one command."""
    with open(path, encoding="utf-8") as file:
        blocks = re.findall(r"^```sh (server|laptop|officer)\n(.*?)^```$", file.read(), re.M | re.S)
    return [(whom, line) for whom, block in blocks for line in block.replace("\\\n", " ").splitlines() if line.strip()]


def answer(shown):
    """What is typed after what was shown last; None: nothing is asked."""
    return next((typed for prompt, typed in ANSWERS if shown.endswith(prompt)), None)
