# SPDX-License-Identifier: MIT
"""Strict servers for tests of channels: GOV.UK Notify as its documentation has it, and a sink of webhooks. Real HTTPS."""
import base64
import hashlib
import hmac
import json
import os
import re
import ssl
import subprocess
import time
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


def hook_file(place, name, mode=0o600, **settings):
    path = f"{place}/hooks/{name}.conf"
    write(path, "".join(f"{k} = {v}\n" for k, v in settings.items()))
    os.chmod(path, mode)
    return path
