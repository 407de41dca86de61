#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Holds proto/schema against proto/vectors, with a JSON Schema validator that is not ours.

Every good message fits, envelope and document; every message refused for its shape is refused by the schema too, but
for the named rules that JSON Schema cannot say; no member of any document can be left out or added; every property
that a schema names stands in some example. `--self-test` plants faults in a copy of the schemas and sees them found.
"""
import copy
import json
import os
import sys

import jsonschema

try:
    import referencing
except ImportError:
    referencing = None

import contract as c

HERE = os.path.dirname(os.path.abspath(__file__))
PROTO = os.path.normpath(os.path.join(HERE, "..", "..", "proto"))
NAMES = ("common", "envelope") + c.DOCUMENTS

# Refused for their shape by a rule that compares members with each other, or elements with each other.
BEYOND_SCHEMA = {
    "order-emergency-planned": "from is compared with at",
    "order-holding-twice-for-one-account": "elements are compared by one member",
    "order-holding-text-of-none": "elements of one list are looked for in another",
    "order-purdah-ends-before-it-begins": "until is compared with from",
    "order-release-person-twice": "elements are compared by one member",
    "trust-root-names-too-few": "two lists are compared by their length",
    "trust-person-twice": "elements are compared by one member",
    "trust-controller-twice": "elements are compared by one member",
    "register-tool-twice": "elements are compared by one member",
    "register-account-twice": "elements are compared by one member",
    "assignment-person-twice": "elements are compared by one member",
    "state-page-beyond-pages": "page is compared with pages",
    "state-valid-for-more-than-an-hour": "valid_until is compared with issued",
    "trust-void-twice": "elements are compared by one member",
    "glass-until-issued": "until is compared with issued",
    "glass-too-long": "until is compared with issued",
    "trust-glass-person-of-both": "roles of people are compared with those of rules",
    "trust-glass-rows-of-both": "roles of people are compared with those of rules",
    "brokers-id-twice": "elements are compared by one member",
    "brokers-place-twice": "elements are compared by two members",
    "recover-device-twice": "elements are compared by one member",
    "remark-note-of-tomorrow": "happened is compared with at",
    "erase-backwards": "last is compared with first",
    "erase-in-disorder": "elements are compared with the one before",
    "erase-twice": "elements are compared with the one before",
    "erase-touching": "elements are compared with the one before",
    "order-timetable-day-february-30": "months have lengths",
    "order-timetable-day-29-february-2027": "years leap",
    "report-acknowledged-twice": "elements are compared by three members",
    "register-dedicated-of-no-address": "elements of one list are looked for in another",
    "register-dedicated-subdomain": "elements of one list are looked for in another",
    "report-postings-twice": "elements are compared by three members",
    "report-logs-twice": "elements are compared by one member",
    "register-parts-account-twice": "elements of two documents are compared",
    "register-part-beyond": "part is compared with parts",
    "register-part-with-short-rest": "rest is compared with parts",
    "state-claims-twice": "elements are compared by three members",
    "state-grown-of-now": "size is compared with size",
    "state-grown-on-page-0": "page is compared with pages",
    "state-grown-twice": "elements are compared by one member",
}

# Documents that are taken apart member by member.
SAMPLES = ("trust-2", "register-1", "assignment-1", "raise-emergency", "state-amend-poster-by-one", "release-emergency",
           "state-page-1", "report-1", "raise-purdah-with-timetable", "amend-purdah-timetable", "register-with-words",
           "report-acknowledged", "register-with-dedicated", "report-postings", "state-claims", "state-grown-proved", "state-heard", "assignment-ranked",
           "trust-2-sets-aside", "trust-with-names", "trust-with-root-names", "trust-2-affirms-estate", "assignment-2-proven", "report-logs-forked", "report-machine", "recover", "report-lost", "report-restored", "report-retired", "report-unknown-logins", "trust-recover-rule",
           "report-postings-of-texts", "state-claims-of-texts", "order-longest-texts", "release-person", "report-over",
           "register-part-1", "register-part-2", "remark-withdraw-why", "remark-confirm", "remark-note", "erase", "trust-record-rule", "brokers-2-added", "report-brokers", "trust-with-broker-rows", "glass-a-1",
           "report-glass", "report-glass-wrong", "trust-with-glass-rows")
# What a document may do without; every other member is needed.
OPTIONAL = {"order": {"timetable"}, "register": {"words", "dedicated"}, "report": {"acknowledged", "postings", "logs", "fork", "boot", "machine", "installation",
                                                                                          "board", "disk", "over", "nonce", "open_for", "restored", "retired", "unknown_logins", "brokers_version", "glass", "opened"},
            "state": {"claims", "from", "heard"}, "envelope": {"proof"}, "assignment": {"rank"}, "trust": {"void", "name", "root_names", "assignments"},
            "remark": {"reason", "happened"}, "brokers": {"ca"}}


# The same, of the rows of one list alone: elsewhere a member of that name is needed.
OPTIONAL_IN = {("report", "postings"): {"text"}, ("state", "claims"): {"text"}}
# And what one act of a document needs, though others may do without.
NEEDED_BY = {"remark-note": {"reason"}}


class Count:
    def __init__(self, quiet=False):
        self.passed = 0
        self.failed = 0
        self.quiet = quiet

    def say(self, ok, text):
        self.passed += bool(ok)
        self.failed += not ok
        if not ok and not self.quiet:
            print("not ok: " + text)


def load_schemas():
    schemas = {}
    for name in NAMES:
        with open(os.path.join(PROTO, "schema", name + ".schema.json"), encoding="utf-8") as f:
            schemas[name] = json.load(f)
    return schemas


def validator(schema, schemas):
    """By the library of Debian 13, or that of Debian 12, which knows no registry."""
    if referencing:
        rows = [(one["$id"], referencing.Resource.from_contents(one)) for one in schemas.values()]
        return jsonschema.Draft202012Validator(schema, registry=referencing.Registry().with_resources(rows))
    resolver = jsonschema.RefResolver(schema["$id"], schema, store={one["$id"]: one for one in schemas.values()})
    return jsonschema.Draft202012Validator(schema, resolver=resolver)


def validators(schemas):
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    return {name: validator(schema, schemas) for name, schema in schemas.items()}


def load_rows():
    with open(os.path.join(PROTO, "vectors", "index.json"), encoding="utf-8") as f:
        return json.load(f)["rows"]


def load(file):
    with open(os.path.join(PROTO, "vectors", file), "rb") as f:
        return f.read()


def fits(made, envelope, whole=True):
    """Does the schema take this envelope and its document; whole: the orders inside a state too."""
    if not made["envelope"].is_valid(envelope):
        return False
    document, payload = c.open_envelope(envelope)
    value = json.loads(payload)
    if document == "state" and not whole and isinstance(value.get("orders"), list):
        value["orders"] = []
    return made[document].is_valid(value)


def check_rows(made, rows, count):
    for row in rows:
        if row["expect"] == "ok":
            envelope = json.loads(load(row["file"]))
            count.say(fits(made, envelope, whole=not row.get("refused")), f"{row['name']} is good and the schema refuses it")
            check_inside(made, row, envelope, count)
        elif row["expect"] == "shape" and row["name"] not in BEYOND_SCHEMA:
            count.say(not fits(made, json.loads(load(row["file"]))), f"{row['name']} has a wrong shape and the schema takes it")
        elif row["expect"] == "shape":
            count.say(fits(made, json.loads(load(row["file"]))), f"{row['name']} is listed as beyond the schema and is not")
    named = {row["name"] for row in rows}
    for name in BEYOND_SCHEMA:
        count.say(name in named, f"{name} is listed as beyond the schema and is no row")


def check_inside(made, row, envelope, count):
    """The orders in a state of which nothing was refused are right documents each."""
    document, payload = c.open_envelope(envelope)
    if document != "state" or row.get("refused"):
        return
    for order in json.loads(payload)["orders"]:
        count.say(fits(made, order), f"{row['name']} holds an order that the schema refuses")


def places(value):
    """Every object inside a value, as a path."""
    if isinstance(value, dict):
        yield ()
        for name, inner in value.items():
            for path in places(inner):
                yield (name, *path)
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            for path in places(inner):
                yield (i, *path)


def at(value, path):
    for step in path:
        value = value[step]
    return value


def samples():
    for name in SAMPLES:
        envelope = json.loads(load(f"good/{name}.json"))
        yield name, "envelope", envelope
        document, payload = c.open_envelope(envelope)
        value = json.loads(payload)
        yield name, document, value
        if document == "state":
            for order in value["orders"]:
                yield name, "order", c.document_of(order)


def check_members(made, count):
    """Each member is required, and no other is allowed, in every object of every sample."""
    for name, document, value in samples():
        for path in list(places(value)):
            more = copy.deepcopy(value)
            at(more, path)["stowaway"] = 1
            count.say(not made[document].is_valid(more), f"{document} {name}: a member may be added at {path}")
            for member in list(at(value, path)):
                less = copy.deepcopy(value)
                del at(less, path)[member]
                of_list = OPTIONAL_IN.get((document, path[0] if path else ""), ())
                optional = OPTIONAL.get(document, set()) - NEEDED_BY.get(name, set())
                if member in optional or member in of_list:
                    count.say(made[document].is_valid(less), f"{document} {name}: {member} may not be left out")
                    continue
                count.say(not made[document].is_valid(less), f"{document} {name}: {member} may be left out at {path}")


def properties(schema):
    """Every property that a schema names, where objects are closed."""
    found = set()
    if isinstance(schema, dict):
        if schema.get("additionalProperties") is False:
            found |= set(schema["properties"])
        for inner in schema.values():
            found |= properties(inner)
    elif isinstance(schema, list):
        for inner in schema:
            found |= properties(inner)
    return found


def members(value):
    found = set()
    for path in places(value):
        found |= set(at(value, path))
    return found


def check_properties(schemas, count):
    shown = {}
    for _, document, value in samples():
        shown.setdefault(document, set()).update(members(value))
    for document in ("envelope",) + c.DOCUMENTS:
        for name in sorted(properties(schemas[document])):
            count.say(name in shown[document], f"{document}: no example shows the property {name}")


def check(schemas, quiet=False):
    count = Count(quiet)
    made = validators(schemas)
    check_rows(made, load_rows(), count)
    check_members(made, count)
    check_properties(schemas, count)
    return count


def self_test():
    """Each planted fault must be found."""
    def forget_required(s):
        s["trust"]["required"].remove("void_before")

    def open_object(s):
        del s["report"]["properties"]["layers"]["items"]["additionalProperties"]

    def unknown_property(s):
        s["state"]["properties"]["mood"] = {"type": "string"}

    def too_narrow(s):
        s["order"]["$defs"]["holding"]["properties"]["minutes"]["maximum"] = 10

    def too_wide(s):
        s["common"]["$defs"]["id"]["pattern"] = ".*"

    def need_optional(s):
        s["register"]["required"].append("words")

    count = Count()
    for fault in (need_optional, forget_required, open_object, unknown_property, too_narrow, too_wide):
        schemas = load_schemas()
        fault(schemas)
        count.say(check(schemas, quiet=True).failed > 0, f"the planted fault {fault.__name__} was not seen")
    return count


def main():
    if sys.argv[1:] not in ([], ["--self-test"]):
        print("usage: check_schemas.py [--self-test]", file=sys.stderr)
        return 2
    count = self_test() if sys.argv[1:] else check(load_schemas())
    print(f"{count.passed} passed, {count.failed} failed, 0 skipped")
    return 1 if count.failed else 0


if __name__ == "__main__":
    sys.exit(main())
