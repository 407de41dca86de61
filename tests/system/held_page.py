# SPDX-License-Identifier: MIT
"""A file whose pages never come: who sends out of it holds their socket for as long as they like (fuse(4), which any user may mount)."""
import ctypes
import os
import struct
import threading

LOOKUP, FORGET, GETATTR, OPEN, READ, INIT, BATCH_FORGET = 1, 2, 3, 14, 15, 26, 42
HEADER, NO_SUCH_CALL, SIZE = 40, -38, 65536
NOSUID_NODEV = 2 | 4
LIBC = ctypes.CDLL(None, use_errno=True)

SENDS = """
import mmap, os, socket, sys
one = socket.create_connection((sys.argv[1], int(sys.argv[2])), 20)
page = mmap.mmap(os.open(sys.argv[3], os.O_RDONLY), 4096, prot=mmap.PROT_READ)
print("ready", flush=True)
sys.stdin.readline()
print("sends", flush=True)
one.setblocking(True)
one.send(memoryview(page))
"""


class HeldPage:
    """The file is `path`; asked is set when somebody waits for its page."""

    def __init__(self, folder, uid):
        self.folder, self.uid, self.path, self.asked = folder, uid, f"{folder}/page", threading.Event()
        os.makedirs(folder)
        self.fd = os.open("/dev/fuse", os.O_RDWR)
        words = f"fd={self.fd},rootmode=40000,user_id={uid},group_id={uid}".encode()
        if LIBC.mount(b"page", folder.encode(), b"fuse", NOSUID_NODEV, words) != 0:
            raise OSError(ctypes.get_errno(), "fuse cannot be mounted")
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def attributes(self, node):
        mode, links = (0o40755, 2) if node == 1 else (0o100644, 1)
        return struct.pack("<6Q10I", node, SIZE, 128, 0, 0, 0, 0, 0, 0, mode, links, self.uid, self.uid, 0, 4096, 0)

    def answer(self, call, node):
        if call == INIT:
            return struct.pack("<4I2H2I2H8I", 7, 31, 0, 0, 1, 1, 4096, 1, 1, 0, *[0] * 8)
        if call == LOOKUP:
            return struct.pack("<4Q2I", 2, 0, 60, 60, 0, 0) + self.attributes(2)
        if call == GETATTR:
            return struct.pack("<Q2I", 60, 0, 0) + self.attributes(node)
        return struct.pack("<Q2I", 0, 0, 0) if call == OPEN else None

    def serve(self):
        try:
            while asked := os.read(self.fd, 1 << 18):
                call, unique, node = struct.unpack("<IQQ", asked[4:24])
                if call == READ:
                    self.asked.set()
                if call in (READ, FORGET, BATCH_FORGET):
                    continue
                said = self.answer(call, node)
                head = struct.pack("<IiQ", 16 + len(said or b""), 0 if said is not None else NO_SUCH_CALL, unique)
                os.write(self.fd, head + (said or b""))
        except OSError:
            return

    def close(self):
        LIBC.umount2(self.folder.encode(), 2 | 1)  # MNT_FORCE: whoever waits is told that it is over
