# SPDX-License-Identifier: MIT
"""The story of a lockdown made again from the entries of the record, by code that shares nothing with the one that is tested.

An entry is {"seq", "at", "kind", "digest", "body"} as in records.jsonl. Rules: controller/API.md "The story".
"""
import base64
import hashlib
import json

STATES = ("tampered", "unreached", "stale", "received", "enforced-unverified", "released-unverified", "enforced-verified", "message-seen",
          "exempt", "released-verified")
HOLDS = ("enforced-verified", "message-seen", "exempt")
STALE_S = 180
DOCUMENTS = ("trust", "register", "assignment", "order", "draft", "approval", "report", "recover", "remark")


def opened(entry):
    """(type, document, digest) of an envelope; ("own", object, None) of the controller's own word."""
    body = json.loads(entry["body"])
    if entry["kind"] not in DOCUMENTS:
        return "own", body, None
    payload, uri = base64.b64decode(body["payload"]), body["payloadType"]
    pae = f"DSSEv1 {len(uri)} {uri} {len(payload)} ".encode() + payload
    return uri.split(".")[2], json.loads(payload), hashlib.sha256(pae).hexdigest()


class Recount:
    """Read with take(), in the order of the record; then figures(), rows()."""

    def __init__(self, lockdown):
        self.id, self.raise_, self.bodies, self.released, self.begun = lockdown, None, [], None, None
        self.devices, self.said, self.state, self.first, self.silences = {}, {}, {}, {}, []
        self.log, self.events, self.posts, self.messages, self.refusals = [], [], [], [], []
        self.papers, self.paused = {lockdown}, set()

    def groups(self):
        top = max(b.get("rev", 0) for b in self.bodies)
        return top, [g for b in self.bodies if b.get("rev", 0) == top for g in b["groups"]]

    def judge(self, device):
        rev, groups = self.groups()
        if "*" not in groups and not set(groups) & set(self.devices[device]["groups"]):
            return "out"
        said = self.said.get(device)
        if not said or (not self.released and said["rev"] < rev):
            return "unreached"
        return said["standing"]

    def settle(self, entry, names):
        for device in names if self.raise_ else ():
            state, before = self.judge(device), self.state.get(device, "out")
            if state == before:
                continue
            self.state[device] = state
            self.log.append((entry["seq"], device, state))
            if state == "tampered":
                self.event(entry, "tampered", device=device)
            for name, is_so in (("received", state not in ("out", "unreached")), ("verified", state in HOLDS), ("released", state == "released-verified")):
                if is_so:
                    self.first.setdefault((device, name), (entry["seq"], entry["at"]))

    def event(self, entry, what, **more):
        self.events.append({"record": entry["seq"], "at": entry["at"], "what": what, **more})

    def take(self, entry):
        kind, doc, digest = opened(entry)
        if kind == "own" and "remark" in doc:
            kind, doc, digest = opened({"kind": "remark", "body": json.dumps(doc["remark"])})
        if kind == "assignment" and doc["version"] >= self.devices.get(doc["device"], {"version": 0})["version"]:
            self.devices[doc["device"]] = doc
            self.settle(entry, [doc["device"]])
        elif kind == "order":
            self.order(entry, doc, digest)
        elif kind == "report" and self.raise_ and doc["device"] in self.devices:
            self.report(entry, doc)
        elif kind == "remark" and set(doc["of"]) & self.papers:
            self.event(entry, {"refuse": "declined", "withdraw": "withdrawn"}.get(doc["act"], doc["act"]))
        elif kind == "own":
            self.own(entry, doc)

    def order(self, entry, doc, digest):
        if self.id not in ([digest] if doc["act"] == "raise" else doc["of"] if doc["act"] == "release" else [doc["of"]]):
            return
        self.papers.add(digest)
        if entry["kind"] != "order":
            self.event(entry, "signed")
            if doc["act"] == "release" and not self.begun:
                self.begun = entry
            return
        self.event(entry, {"raise": "raised", "amend": "amended", "release": "released"}[doc["act"]])
        if doc["act"] == "release":
            self.released, self.begun = self.released or entry, self.begun or entry
        else:
            self.raise_ = self.raise_ or entry
            self.bodies.append(doc)
            texts = {h["account"]: h.get("text") for h in doc["holding"]}
            self.posts += [{"record": entry["seq"], "account": h["account"], "poster": h["poster"], "state": "asked",
                            "text": hashlib.sha256((h.get("text") or texts[h["text_of"]]).encode()).hexdigest()} for h in doc["holding"]]
        self.settle(entry, list(self.devices))

    def report(self, entry, doc):
        self.said[doc["device"]] = next((row for row in doc["lockdowns"] if row["id"] == self.id), None)
        self.settle(entry, [doc["device"]])
        for row in doc.get("postings", []):
            for post in self.posts if row["lockdown"] == self.id else ():
                if (post["account"], post["poster"]) == (row["account"], row["person"]) and row.get("text", post["text"]) == post["text"] and \
                        post["state"] != row["state"] and post.get("device", doc["device"]) == doc["device"]:
                    post.update(state=row["state"], device=doc["device"], at=entry["at"])
                    self.event(entry, row["state"])
                    break

    def lasts(self):
        return self.raise_ and not self.released

    def own(self, entry, word):
        kind = entry["kind"]
        if kind == "notice" and word["of"] in self.papers:
            self.messages += [{**m, "state": "asked"} for m in word["messages"]]
            self.event(entry, "told")
        elif kind == "outcome" and word["of"] in self.papers:
            self.messages.append(word)
            if word["state"] in ("failed", "unknown"):
                self.event(entry, "not-delivered")
        elif kind == "refusal" and self.lasts():
            self.refusals.append(word)
            if "counts" not in word:
                self.event(entry, "refused")
        elif kind == "silence" and self.raise_ and self.state.get(word["device"], "out") != "out" and word["back"] >= self.raise_["at"]:
            self.silences.append({"record": entry["seq"], **word})
            self.event(entry, "heard-again")
        elif kind == "start" and self.lasts():
            self.event(entry, "started")
        elif kind == "check" and word.get("lockdown") == self.id:
            self.event(entry, "check")
            if word["what"] == "pause":
                (self.paused.add if word["act"] == "done" else self.paused.discard)(word["of"])
        elif kind == "lapse" and word["draft"] in self.papers:
            self.event(entry, "lapsed")

    def meant(self):
        return [d for d, s in self.state.items() if s != "out"]

    def after(self, device, name, since):
        found = self.first.get((device, name))
        return found[1] - since["at"] if found else None

    def milestones(self):
        """{name: (seconds, record, device) or None}"""
        meant = self.meant()
        order = sorted(self.first[(d, "verified")] + (d,) for d in meant if (d, "verified") in self.first)
        wants = {"first": 1, "half": max(1, -(-len(meant) * 50 // 100)), "most": max(1, -(-len(meant) * 95 // 100))}
        return {name: order[n - 1] if n <= len(order) else None for name, n in wants.items()}, len(order)

    def figures(self):
        meant, (reached, verified) = self.meant(), self.milestones()
        took = sorted(p["at"] - self.raise_["at"] for p in self.posts if p["state"] == "posted")
        people = {m["person"] for m in self.messages if m["person"] and not m["person"].startswith("*")}
        told = {m["person"] for m in self.messages if m["state"] == "sent" and not m["person"].startswith("*")}
        counts = [m["state"] for m in self.messages]
        gone = [self.after(d, "released", self.released) for d in meant if (d, "released") in self.first] if self.released else []
        return {"devices": len(meant), "verified": verified,
                **{f"{n}_s": r[1] - self.raise_["at"] if r else None for n, r in reached.items()},
                "posts_asked": len(self.posts), "posts_made": len(took),
                "post_median_s": (took[(len(took) - 1) // 2] + took[len(took) // 2]) // 2 if took else None,
                "people_asked": len(people), "people_told": len(told), "messages_sent": counts.count("sent"),
                "messages_failed": counts.count("failed"), "messages_unknown": counts.count("unknown"),
                "schedulers_paused": len(self.paused),
                "refused_signed": sum("counts" not in r for r in self.refusals),
                "refused_other": sum(sum(r["counts"].values()) for r in self.refusals if "counts" in r),
                "allclear_s": self.released["at"] - self.raise_["at"] if self.released else None,
                "allclear_signing_s": self.released["at"] - self.begun["at"] if self.released else None,
                "released_verified": len(gone), "released_last_s": max(gone) if gone else None}

    def counts(self, record, at):
        """How many devices stood how right after this entry."""
        now = {}
        for seq, device, state in self.log:
            if seq <= record:
                now[device] = state
        for s in self.silences:
            if record < s["record"] and at > s["since"] + STALE_S and now.get(s["device"], "out") not in ("out", "unreached", "tampered", "released-verified"):
                now[s["device"]] = "stale"
        found = {state: sum(s == state for s in now.values()) for state in STATES}
        return {**found, "devices": sum(found.values())}

    def timeline(self):
        """[(record, seconds after the raise, what, counts)...]"""
        names = {"first": "first-verified", "half": "half-verified", "most": "most-verified"}
        more = [{"record": r[0], "at": r[1], "what": names[n]} for n, r in self.milestones()[0].items() if r]
        return [(e["record"], e["at"] - self.raise_["at"], e["what"], self.counts(e["record"], e["at"]))
                for e in sorted(self.events + more, key=lambda e: e["record"])]

    def device_rows(self):
        """{device: (state, received, verified, released, tampered, silent, silent for)}"""
        return {d: (self.state[d], self.after(d, "received", self.raise_), self.after(d, "verified", self.raise_),
                    self.after(d, "released", self.released) if self.released else None,
                    sum(x == d and s == "tampered" for _, x, s in self.log), sum(s["device"] == d for s in self.silences),
                    sum(s["back"] - s["since"] for s in self.silences if s["device"] == d)) for d in self.meant()}
