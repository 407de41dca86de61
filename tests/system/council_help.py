# SPDX-License-Identifier: MIT
"""What tests of a whole council share: the second implementation of the contract, keys by name, certificates, a broker."""
import os
import shutil
import subprocess
import sys

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from common import ENOUGH, REACHED, Done, end, read, wait_for, write
from web_help import free_port, listens

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("HF_BUILD", "build"))
sys.path.insert(0, os.path.join(SOURCE, "tests", "vectors"))
import contract  # noqa: E402  (its folder has just been named)

HOLDFAST = f"{BUILD}/holdfast"
COUNCIL, DEVICE = "cannock-chase", "d1"
TOPICS = f"holdfast/1/{COUNCIL}"
USUAL = {"server": "localhost", "controller": "controller:c1"}


def key(name):
    return contract.Key.from_name(name)


def pem_of(name):
    """The private key of this name, for a program that reads it from a file."""
    private = Ed25519PrivateKey.from_private_bytes(contract.seed_of(name))
    return private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


class Terminal:
    """`holdfast` with a council folder, a socket and a folder of keys; a passphrase is what it reads."""

    def __init__(self, council, socket, people=None, passphrase=None):
        self.council, self.socket, self.people, self.passphrase = council, socket, people or f"{council}/people", passphrase
        self.environment = {"PATH": os.environ["PATH"], **REACHED}

    def __call__(self, *words, who=None, yes=True, **more):
        """more: another passphrase, or the environment."""
        passphrase = more.pop("passphrase", self.passphrase)
        argv = [HOLDFAST, "--council", self.council, "--socket", self.socket, *words]
        if passphrase is not None:
            argv += ["--passphrase-fd", "0"]
        if who:
            argv += ["--key", f"{self.people}/{who}.pem", *(["--yes"] if yes else [])]
        keys = 2 if words[:2] == ("device", "add") else 1  # that of the certificates, and who takes it in
        how = {"stdin": subprocess.DEVNULL} if passphrase is None else {"input": f"{passphrase}\n" * keys}
        return Done(subprocess.run(argv, capture_output=True, text=True, timeout=ENOUGH, env={**self.environment, **more}, check=False,
                                   start_new_session=True, **how))


class Ca:
    """The broker's certificate authority, with certificates: {file: name}."""

    def __init__(self, folder, names=None):
        self.folder = folder
        os.makedirs(folder)
        self.openssl("req", "-x509", *self.new_key("ca", "test"), "-days", "2", "-out", "ca.crt")
        write(f"{folder}/ext", "subjectAltName=DNS:localhost\n")
        for file, name in (names or USUAL).items():
            self.openssl("req", *self.new_key(file, name), "-out", f"{file}.csr")
            self.sign(f"{file}.csr", f"{file}.crt")

    @staticmethod
    def new_key(file, name):
        return "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{file}.key"

    def openssl(self, *args):
        return subprocess.run(["openssl", *args], cwd=self.folder, check=True, capture_output=True, text=True, timeout=ENOUGH).stdout

    def sign(self, csr, crt):
        self.openssl("x509", "-req", "-in", csr, "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile",
                     "ext", "-out", crt)
        return read(f"{self.folder}/{crt}")


class Broker:
    """mosquitto with the configuration that ships, for a controller of this id."""

    def __init__(self, folder, ca, controller="c1"):
        self.folder, self.ca, self.process, self.port = f"{folder}/broker", ca, None, free_port()
        os.makedirs(self.folder)
        for name in ("ca.crt", "server.crt", "server.key"):
            shutil.copy(f"{ca.folder}/{name}", self.folder)
        write(f"{self.folder}/acl", read(f"{SOURCE}/deploy/mosquitto/acl").replace("c1", controller))
        text = read(f"{SOURCE}/deploy/mosquitto/mosquitto.conf").replace("listener 8883", f"listener {self.port} 127.0.0.1")
        write(f"{self.folder}/conf", text.replace("/etc/holdfast/broker", self.folder).replace("user mosquitto", "user root"))

    def start(self):
        self.process = subprocess.Popen(["/usr/sbin/mosquitto", "-c", f"{self.folder}/conf"], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        if not wait_for(lambda: listens(self.port)):
            raise RuntimeError("the broker did not start")
        return True

    def client(self, program, who, *args):
        """The words of one of mosquitto's clients, with the certificate of this file."""
        f = self.ca.folder
        return [program, "-h", "localhost", "-p", str(self.port), "-q", "1", "-V", "mqttv5", "--cafile", f"{f}/ca.crt", "--cert",
                f"{f}/{who}.crt", "--key", f"{f}/{who}.key", *args]

    def publish(self, who, topic, text, *how):
        """As one message; how: other options of mosquitto_pub than that."""
        subprocess.run(self.client("mosquitto_pub", who, "-t", f"{TOPICS}/{topic}", *(how or ["-s"])), input=text, check=True, timeout=ENOUGH)

    def kill(self):
        end(self.process)
