# SPDX-License-Identifier: MIT
"""Strict servers for tests of channels: GOV.UK Notify and Postiz as their documentation has them, and a sink of webhooks. Real HTTPS."""
import base64
import datetime
import hashlib
import hmac
import json
import os
import re
import ssl
import subprocess
import threading
import time
import urllib.parse
import uuid

from common import ENOUGH, write
from web_help import Server, Site, free_port

SERVICE, KEY_SECRET = "26785a09-ab16-4eb0-8407-a37497a57506", "3d844edf-8d35-48ac-975b-e847b4f122b0"
API_KEY = f"holdfast-{SERVICE}-{KEY_SECRET}"
MAIL_TEMPLATE, SMS_TEMPLATE = "f33517ff-2a88-4f6e-b855-c550268ce08a", "740e5834-3a29-46b4-9a6f-16142fde533a"
BLANKS = {MAIL_TEMPLATE: {"subject", "body"}, SMS_TEMPLATE: {"body"}}
FIELD = {"email": "email_address", "sms": "phone_number"}
CLOCK_S = 30


def unpadded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def https(ca, site):
    """A server of this machine that speaks TLS alone; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{ca.folder}/server.crt", f"{ca.folder}/server.key")
    return Server(("127.0.0.1", free_port()), site, context)


class Notify:
    """GOV.UK Notify: tokens within 30 s, templates and their blanks, references, limits."""

    def __init__(self, ca):
        self.sent, self.refused, self.asked = [], [], []
        self.busy, self.broken, self.cut, self.clock = set(), set(), set(), 0
        outer = self

        class Api(Site):
            def do_POST(self):
                outer.post(self)

            def do_GET(self):
                outer.look(self)

        self.server = https(ca, Api)
        self.url = f"https://localhost:{self.server.server_address[1]}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def error(self, site, status, name, message):
        self.refused.append((status, name, message))
        site.answer(json.dumps({"status_code": status, "errors": [{"error": name, "message": message}]}), "application/json", status)

    def token_error(self, site):
        """What is wrong with the token, as Notify says it; None: nothing."""
        kind, _, token = (site.headers.get("Authorization") or "").partition(" ")
        parts = token.split(".")
        if kind != "Bearer" or len(parts) != 3:
            return "Unauthorized: authentication bearer scheme must be used"
        mac = hmac.new(KEY_SECRET.encode(), f"{parts[0]}.{parts[1]}".encode(), hashlib.sha256).digest()
        head, claims = json.loads(unpadded(parts[0])), json.loads(unpadded(parts[1]))
        if head != {"typ": "JWT", "alg": "HS256"} or set(claims) != {"iss", "iat"} or claims["iss"] != SERVICE or unpadded(parts[2]) != mac:
            return "Invalid token: API key not found"
        if abs(claims["iat"] - time.time() - self.clock) > CLOCK_S:
            return "Error: Your system clock must be accurate to within 30 seconds"
        return None

    def shape_error(self, kind, said):
        blanks = BLANKS.get(said.get("template_id"))
        if set(said) != {FIELD[kind], "template_id", "reference", "personalisation"}:
            return "ValidationError", f"Additional properties or missing ones: {sorted(said)}"
        if blanks is None or (said["template_id"] == SMS_TEMPLATE) != (kind == "sms"):
            return "BadRequestError", "Template not found"
        missing = blanks - set(said["personalisation"])
        if missing:
            return "BadRequestError", f"Missing personalisation: {', '.join(sorted(missing))}"
        if kind == "sms" and not re.fullmatch(r"(\+44|0)7[0-9]{9}", said["phone_number"]):
            return "ValidationError", "phone_number Not a valid phone number"
        return None

    def post(self, site):
        kind = site.path.rsplit("/", 1)[1]
        said = json.loads(site.body())
        wrong = self.token_error(site)
        if wrong:
            return self.error(site, 403, "AuthError", wrong)
        if site.path != f"/v2/notifications/{kind}" or kind not in FIELD or site.headers.get("Content-Type") != "application/json":
            return self.error(site, 404, "NotFound", "Not found")
        wrong = self.shape_error(kind, said)
        to = said.get(FIELD[kind])
        if wrong:
            return self.error(site, 400, *wrong)
        if to in self.busy:
            return self.error(site, 429, "RateLimitError", "Exceeded rate limit for key type LIVE of 3000 requests per 60 seconds")
        if to in self.broken:
            return self.error(site, 500, "Exception", "Internal server error")
        self.sent.append((kind, to, said))
        if to in self.cut:
            self.cut.discard(to)
            site.connection.close()
            site.close_connection = True
            return None
        return site.answer(json.dumps({"id": str(uuid.uuid4()), "reference": said["reference"], "content": {}, "uri": "", "template": {}}),
                           "application/json", 201)

    def look(self, site):
        wrong = self.token_error(site)
        if wrong:
            return self.error(site, 403, "AuthError", wrong)
        reference = site.path.partition("reference=")[2]
        self.asked.append(reference)
        found = [{"id": str(uuid.uuid4()), "reference": reference, "status": "delivered", "body": said["personalisation"]["body"]}
                 for _, _, said in self.sent if said["reference"] == reference]
        return site.answer(json.dumps({"notifications": found, "links": {}}), "application/json")

    def to(self, address):
        return [said for _, to, said in list(self.sent) if to == address]


class Sink:
    """Takes webhooks and checks each by the standard, with openssl; says what it is told to say."""

    def __init__(self, ca, secret, folder, public=None):
        self.taken, self.bad, self.status, self.cut, self.seen, self.headers = [], [], 200, False, [], {}
        self.secret, self.folder, self.public = secret, folder, public
        outer = self

        class Hook(Site):
            def do_POST(self):
                outer.post(self)

        self.server = https(ca, Hook)
        self.url = f"https://localhost:{self.server.server_address[1]}/hook?sig=s3cret"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def signed(self, site, body):
        """Is this signed as the standard says, now, by openssl's word."""
        given, at, sign = (site.headers.get(f"webhook-{n}") or "" for n in ("id", "timestamp", "signature"))
        if not re.fullmatch(r"[A-Za-z0-9_-]+", given) or not at.isdigit() or abs(int(at) - time.time()) > 300:
            return False
        text, kind = f"{given}.{at}.".encode() + body, sign.partition(",")[0]
        if kind == "v1":
            key = base64.b64decode(self.secret.removeprefix("whsec_")).hex()
            made = subprocess.run(["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key}", "-binary"], input=text,
                                  capture_output=True, timeout=ENOUGH, check=True).stdout
            return base64.b64encode(made).decode() == sign.partition(",")[2]
        for name, data in (("text", text), ("sig", base64.b64decode(sign.partition(",")[2]))):
            write(f"{self.folder}/{name}", data)
        return kind == "v1a" and subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", self.public, "-rawin", "-in", f"{self.folder}/text", "-sigfile",
             f"{self.folder}/sig"], capture_output=True, timeout=ENOUGH, check=False).returncode == 0

    def post(self, site):
        body = site.body()
        self.seen.append(site.path)
        if self.secret and not self.signed(site, body):
            self.bad.append(dict(site.headers))
            return site.answer("the signature is wrong", "text/plain", 401)
        if self.status == 200:
            self.taken.append((site.headers.get("webhook-id"), site.headers["Content-Type"], body))
        if self.cut:
            self.cut = False
            site.connection.close()
            site.close_connection = True
            return None
        return site.answer("ok", "text/plain", self.status, **({"Location": "https://localhost:1/"} if self.status == 302 else {}))

    def events(self, kind=None):
        return [e for e in (json.loads(body) for _, _, body in list(self.taken)) if kind in (None, e.get("type"))]


class Postiz:
    """The scheduler Postiz: its list of posts, the status of each, a key, a limit of requests an hour. What is due goes out."""
    KEY = "pos_3f9c0d2e5b7a41b8"

    def __init__(self, ca, limit=30):
        self.posts, self.calls, self.bad, self.out, self.limit, self.key, self.broken = {}, [], [], [], limit, self.KEY, set()
        self.cut, self.hold, self.arrived, self.lock = False, None, threading.Event(), threading.Lock()
        outer = self

        class Api(Site):
            def do_GET(self):
                outer.take(self, "GET")

            def do_PUT(self):
                outer.take(self, "PUT")

        self.server = https(ca, Api)
        self.url = f"https://localhost:{self.server.server_address[1]}/api/public/v1"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def put(self, name, channel, due, state="QUEUE", every=None):
        self.posts[name] = {"id": name, "channel": channel, "due": int(due), "state": state, "every": every}

    def state(self, *names):
        return {self.posts[n]["state"] for n in names}

    def changes(self):
        return [(post, status) for kind, post, status in list(self.calls) if kind == "PUT"]

    def due_now(self):
        """What is due goes out, as its own workers see to it."""
        for post in self.posts.values():
            if post["state"] == "QUEUE" and post["due"] <= time.time():
                post["state"] = "PUBLISHED"
                self.out.append(post["id"])

    def fail(self, site, status, message):
        self.bad.append((status, site.command, site.path))
        site.answer(json.dumps({"msg": message}), "application/json", status)

    def take(self, site, kind):
        body = site.body()
        with self.lock:
            self.due_now()
        if site.headers.get("Authorization") != self.key:
            return self.fail(site, 401, "Invalid API key")
        if len(self.calls) >= self.limit:
            return self.fail(site, 429, "ThrottlerException: Too Many Requests")
        path, _, query = site.path.partition("?")
        return (self.look if kind == "GET" else self.change)(site, path, query, body)

    def look(self, site, path, query, _body):
        said = dict(urllib.parse.parse_qsl(query, strict_parsing=True))
        if path != "/api/public/v1/posts" or set(said) != {"startDate", "endDate"}:
            return self.fail(site, 400, "startDate must be a valid ISO 8601 date string")
        begin, end = (datetime.datetime.strptime(said[n], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc).timestamp() for n in ("startDate", "endDate"))
        self.calls.append(("GET", begin, end))
        with self.lock:
            rows = [row for post in self.posts.values() for row in self.rows(post, begin, end)]
        self.arrived.set()
        if self.hold:
            self.hold.wait(ENOUGH)
        return site.answer(json.dumps({"posts": rows}), "application/json")

    @staticmethod
    def rows(post, begin, end):
        """One that comes again stands there once for each time."""
        stamp = lambda s: time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(s))
        row = {"id": post["id"], "content": f"<p>{post['id']} \u2713</p>", "releaseURL": None, "state": post["state"], "intervalInDays": post["every"], "group": "g",
               "publishDate": stamp(post["due"]), "tags": [], "integration": {"id": post["channel"], "providerIdentifier": "x", "name": "CCDC", "picture": "https://x.invalid/p.png"}}
        if post["every"]:
            return [{**row, "publishDate": stamp(at), "actualDate": stamp(post["due"])} for at in range(post["due"], int(end), post["every"] * 86400)]
        return [row] if begin <= post["due"] <= end else []

    def change(self, site, path, query, body):
        found = re.fullmatch(r"/api/public/v1/posts/([A-Za-z0-9_-]+)/status", path)
        said = json.loads(body)
        if query or not found or set(said) != {"status"} or said["status"] not in ("draft", "schedule") or site.headers.get("Content-Type") != "application/json":
            return self.fail(site, 400, "status must be one of the following values: draft, schedule")
        post = self.posts.get(found[1])
        self.calls.append(("PUT", found[1], said["status"]))
        if not post or found[1] in self.broken:
            return self.fail(site, 500 if post else 404, "Post not found" if not post else "Internal server error")
        with self.lock:
            post["state"] = "DRAFT" if said["status"] == "draft" else "QUEUE"
            self.due_now()
        if self.cut:
            self.cut = False
            site.connection.close()
            site.close_connection = True
            return None
        return site.answer(json.dumps({"id": found[1], "state": post["state"]}), "application/json")


def hook_file(place, name, mode=0o600, **settings):
    return conf_file(f"{place}/hooks/{name}.conf", mode, **settings)


def conf_file(path, mode=0o600, **settings):
    write(path, "".join(f"{k} = {v}\n" for k, v in settings.items()))
    os.chmod(path, mode)
    return path
