# SPDX-License-Identifier: MIT
"""Real mail servers for tests: aiosmtpd, which refuses and cuts where it is told to, and exim4 with a configuration of its own."""
import asyncio
import email
import logging
import os
import pwd
import re
import ssl
import subprocess

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from common import ENOUGH, end, end_process, read, wait_for, write
from council_help import BUILD
from web_help import free_port, listens

NOTIFY = f"{BUILD}/holdfast-notify"
USER, PASSWORD = "holdfast", "correct horse"


logging.getLogger("mail.log").setLevel(logging.ERROR)  # of the library, about itself


class Sink:
    """aiosmtpd with STARTTLS and a login; keeps what it takes, with the address that it was for."""

    def __init__(self, ca, clear=False):
        """clear: somebody on the way has struck out STARTTLS."""
        self.taken, self.logins, self.refused, self.cut, self.busy, self.slow = [], [], set(), set(), set(), set()
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(f"{ca.folder}/server.crt", f"{ca.folder}/server.key")
        self.port = free_port()
        how = {} if clear else {"tls_context": tls, "require_starttls": True, "auth_required": True}
        self.server = Controller(self, hostname="127.0.0.1", port=self.port, authenticator=self.login, server_hostname="localhost", **how)

    def start(self):
        self.server.start()

    def stop(self):
        self.server.stop()

    def login(self, _server, _session, _envelope, _mechanism, data):
        good = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
        self.logins.append(good)
        return AuthResult(success=good, handled=good)

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address in self.refused:
            return f"550 5.1.1 <{address}> is not known here"
        if address in self.busy:
            return "451 4.3.0 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope):
        while envelope.rcpt_tos[0] in self.slow:
            await asyncio.sleep(0.05)
        self.taken.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content), envelope.content))
        if envelope.rcpt_tos[0] in self.cut:
            self.cut.discard(envelope.rcpt_tos[0])
            server.transport.abort()
        return "250 OK"

    def of(self, address):
        return [message for to, message, _ in list(self.taken) if address in to]


class Exim:
    """exim4-daemon-light in a folder of its own: STARTTLS on one port, TLS from the first byte on another, AUTH PLAIN."""

    def __init__(self, folder, ca):
        self.folder, self.port, self.implicit = f"{folder}/exim", free_port(), free_port()
        user = pwd.getpwnam("Debian-exim")
        for name in ("spool", "log", "box"):
            os.makedirs(f"{self.folder}/{name}")
            os.chown(f"{self.folder}/{name}", user.pw_uid, user.pw_gid)
        for name in ("server.crt", "server.key"):
            write(f"{self.folder}/{name}", read(f"{ca.folder}/{name}"))
            os.chown(f"{self.folder}/{name}", user.pw_uid, user.pw_gid)
        write(f"{self.folder}/conf", f"""
spool_directory = {self.folder}/spool
log_file_path = {self.folder}/log/%s
pid_file_path = {self.folder}/pid
primary_hostname = localhost
local_interfaces = 127.0.0.1
daemon_smtp_ports = {self.port} : {self.implicit}
tls_on_connect_ports = {self.implicit}
tls_advertise_hosts = *
tls_certificate = {self.folder}/server.crt
tls_privatekey = {self.folder}/server.key
acl_smtp_rcpt = recipients
acl_smtp_data = texts
rfc1413_query_timeout = 0s
keep_environment =
log_selector = +smtp_protocol_error +tls_sni

begin acl
recipients:
  deny message = no login
       !authenticated = *
  accept
texts:
  accept

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{USER}}}}}{{eq{{$auth3}}{{{PASSWORD}}}}}}}}}
  server_set_id = $auth2
  server_advertise_condition = ${{if def:tls_in_cipher}}

begin routers
all:
  driver = accept
  transport = box

begin transports
box:
  driver = appendfile
  file = {self.folder}/box/${{lc:$local_part_data}}
  user = Debian-exim
  create_file = anywhere
""".replace("$local_part_data", "${sg{$local_part}{/}{_}}").replace("${lc:${sg{$local_part}{/}{_}}}", "all"))
        self.process = None

    def start(self):
        self.process = subprocess.Popen(["/usr/sbin/exim4", "-C", f"{self.folder}/conf", "-bdf"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not wait_for(lambda: listens(self.port)):
            raise RuntimeError("exim did not start")

    def log(self):
        path = f"{self.folder}/log/main"
        return read(path) if os.path.exists(path) else ""

    def bad_logins(self):
        return len(re.findall(r"authenticator failed", self.log()))

    def box(self):
        path = f"{self.folder}/box/all"
        return read(path) if os.path.exists(path) else ""

    def stop(self):
        end(self.process)


class Notifier:
    """holdfast-notify, for a controller and a mail server."""

    def __init__(self, folder, socket, ca, port, **changes):
        self.conf, self.folder, self.process = f"{folder}/notify.conf", folder, None
        self.settings = {"controller.socket": socket, "mail.host": "localhost", "mail.port": port, "mail.ca": f"{ca.folder}/ca.crt",
                         "mail.user": USER, "mail.password": PASSWORD, "mail.from": "holdfast@example.org", "log.level": 6}
        self.settings.update({k.replace("__", "."): v for k, v in changes.items()})

    def start(self, **changes):
        settings = {**self.settings, **{k.replace("__", "."): v for k, v in changes.items()}}
        write(self.conf, "".join(f"{k} = {v}\n" for k, v in settings.items()))
        os.chmod(self.conf, 0o640)
        with open(f"{self.folder}/notify.log", "ab") as log:
            self.process = subprocess.Popen([NOTIFY, "-f", self.conf], stderr=log, stdin=subprocess.DEVNULL)

    def log(self):
        return read(f"{self.folder}/notify.log")

    def kill(self):
        self.process.kill()
        self.process.wait(ENOUGH)

    def stop(self):
        return end_process(self.process)
