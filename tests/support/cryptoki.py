"""Puts objects into a token and takes them out, behind the program's back.

Runs as a process of its own, since a module can be initialised once per process and reads SOFTHSM2_CONF only then:
    cryptoki.py MODULE TOKEN-LABEL PIN-FILE < operations.json
Each operation is a pair: ["generate", {...}], ["create", {...}] or ["destroy", {...}].
`Hand` is the way to it from a test.
"""

import ctypes
import hashlib
import json
import pathlib
import subprocess
import sys

ULONG = ctypes.c_ulong
CKR_OK = 0
CKF_SERIAL_AND_RW = 0x04 | 0x02
CLASSES = {"certificate": 1, "public": 2, "private": 3, "secret": 4}
TYPES = {
    "CLASS": 0x0, "TOKEN": 0x1, "PRIVATE": 0x2, "LABEL": 0x3, "ID": 0x102, "CERTIFICATE_TYPE": 0x80, "SUBJECT": 0x101,
    "KEY_TYPE": 0x100, "SENSITIVE": 0x103,
    "VALUE": 0x11, "EC_POINT": 0x181, "TRUSTED": 0x86, "WRAP_WITH_TRUSTED": 0x210,
    "ENCRYPT": 0x104, "DECRYPT": 0x105, "WRAP": 0x106, "UNWRAP": 0x107, "SIGN": 0x108, "SIGN_RECOVER": 0x109,
    "VERIFY": 0x10A, "VERIFY_RECOVER": 0x10B, "DERIVE": 0x10C, "MODULUS_BITS": 0x121, "PUBLIC_EXPONENT": 0x122,
    "EXTRACTABLE": 0x162, "MODIFIABLE": 0x170, "COPYABLE": 0x171, "EC_PARAMS": 0x180,
}  # fmt: skip
CURVES = {"ec-p256": "06082a8648ce3d030107", "ec-p384": "06052b81040022"}
PRIVATE = {
    "TOKEN": True, "PRIVATE": True, "SENSITIVE": True, "SIGN": True, "DECRYPT": False, "UNWRAP": False,
    "SIGN_RECOVER": False, "DERIVE": False, "MODIFIABLE": False, "COPYABLE": False, "EXTRACTABLE": False,
}  # fmt: skip
PUBLIC = {
    "TOKEN": True, "VERIFY": True, "PRIVATE": False, "ENCRYPT": False, "WRAP": False, "VERIFY_RECOVER": False,
    "DERIVE": False, "MODIFIABLE": False, "COPYABLE": False,
}  # fmt: skip


def key_id(farm, request, member="", generation=1):
    """The documented CKA_ID, in hexadecimal."""
    parts = ["hsmreq/1", farm, request, member, str(generation)]
    return hashlib.sha256(b"".join(part.encode() + b"\0" for part in parts)).hexdigest()[:40]


class Hand:
    """What a test does to a token by hand."""

    def __init__(self, tokens, label):
        self.tokens = tokens
        self.label = label

    def generate(self, identity, algorithm="ec-p256", label="by hand", private=None, public=None):
        """A pair as the policy asks for it, but for the attributes given in `private` and `public`."""
        self._do(["generate", {"id": identity, "algorithm": algorithm, "label": label,
                               "private": private or {}, "public": public or {}}])  # fmt: skip

    def create(self, kind, values, officer=None):
        """An object with these attributes, bytes in hexadecimal; with `officer` by the security officer of that PIN."""
        self._do(["create", {"class": kind, "values": values}], officer=officer)

    def destroy(self, kind, identity):
        """Removes every "certificate", "public" or "private" key with that ID."""
        self._do(["destroy", {"class": kind, "id": identity}])

    def _do(self, *operations, officer=None):
        command = [sys.executable, "-B", __file__, self.tokens.module, self.label, str(self.tokens.pin_file)]
        if officer is not None:
            command.append(officer)
        import harness

        done = subprocess.run(command, input=json.dumps(operations), text=True, capture_output=True,
                              env=harness.clean_environment(self.tokens.env), timeout=120)  # fmt: skip
        if done.returncode != 0:
            raise AssertionError(done.stderr)


class Attribute(ctypes.Structure):
    _fields_ = [("type", ULONG), ("value", ctypes.c_void_p), ("size", ULONG)]


class Mechanism(ctypes.Structure):
    _fields_ = [("type", ULONG), ("parameter", ctypes.c_void_p), ("size", ULONG)]


def template(values):
    """A C array of attributes; the buffers live as long as the array."""
    buffers = []
    for value in values.values():
        if isinstance(value, bool):
            buffers.append(ctypes.create_string_buffer(bytes([value]), 1))
        elif isinstance(value, int):
            buffers.append(ctypes.create_string_buffer(value.to_bytes(8, sys.byteorder), 8))
        else:
            buffers.append(ctypes.create_string_buffer(value, len(value)))
    array = (Attribute * len(values))()
    for entry, name, buffer in zip(array, values, buffers):
        entry.type, entry.value, entry.size = TYPES[name], ctypes.cast(buffer, ctypes.c_void_p), len(buffer)
    array.buffers = buffers
    return array


class Session:
    def __init__(self, module, label, pin, user):
        self.functions = ctypes.CDLL(module)
        self.call("C_Initialize", None)
        self.handle = ULONG()
        flags = ULONG(CKF_SERIAL_AND_RW)
        self.call("C_OpenSession", ULONG(self.slot(label)), flags, None, None, ctypes.byref(self.handle))
        self.call("C_Login", self.handle, ULONG(user), pin, ULONG(len(pin)))

    def call(self, name, *arguments):
        value = getattr(self.functions, name)(*arguments)
        if value != CKR_OK:
            raise SystemExit(f"{name} answered 0x{value:x}")

    def slot(self, label):
        count = ULONG(64)
        slots = (ULONG * 64)()
        self.call("C_GetSlotList", ctypes.c_ubyte(1), slots, ctypes.byref(count))
        for slot in slots[: count.value]:
            info = ctypes.create_string_buffer(512)
            self.call("C_GetTokenInfo", ULONG(slot), info)
            if info.raw[:32].decode().rstrip() == label:
                return slot
        raise SystemExit(f"no token {label}")

    def generate(self, wanted):
        common = {"ID": bytes.fromhex(wanted["id"]), "LABEL": wanted["label"].encode()}
        public = {**PUBLIC, **common}
        if wanted["algorithm"] == "rsa-2048":
            mechanism = Mechanism(0x0, None, 0)
            public.update(MODULUS_BITS=2048, PUBLIC_EXPONENT=b"\x01\x00\x01")
        else:
            mechanism = Mechanism(0x1040, None, 0)
            public["EC_PARAMS"] = bytes.fromhex(CURVES[wanted["algorithm"]])
        public = template({**public, **wanted["public"]})
        private = template({**PRIVATE, **common, **wanted["private"]})
        handles = ULONG(), ULONG()
        self.call("C_GenerateKeyPair", self.handle, ctypes.byref(mechanism), public, ULONG(len(public)), private,
                  ULONG(len(private)), ctypes.byref(handles[0]), ctypes.byref(handles[1]))  # fmt: skip

    def create(self, wanted):
        values = {name: bytes.fromhex(value) if isinstance(value, str) else value
                  for name, value in wanted["values"].items()}  # fmt: skip
        values = template({"CLASS": CLASSES[wanted["class"]], **values})
        self.call("C_CreateObject", self.handle, values, ULONG(len(values)), ctypes.byref(ULONG()))

    def destroy(self, wanted):
        search = template({"CLASS": CLASSES[wanted["class"]], "ID": bytes.fromhex(wanted["id"])})
        self.call("C_FindObjectsInit", self.handle, search, ULONG(len(search)))
        found, count = (ULONG * 16)(), ULONG()
        self.call("C_FindObjects", self.handle, found, ULONG(16), ctypes.byref(count))
        self.call("C_FindObjectsFinal", self.handle)
        if count.value == 0:
            raise SystemExit("nothing to destroy")
        for handle in found[: count.value]:
            self.call("C_DestroyObject", self.handle, ULONG(handle))


def main():
    module, label, pin_file, *officer = sys.argv[1:]
    pin = officer[0].encode() if officer else pathlib.Path(pin_file).read_bytes().rstrip(b"\n")
    session = Session(module, label, pin, 0 if officer else 1)
    for name, wanted in json.load(sys.stdin):
        getattr(session, name)(wanted)


if __name__ == "__main__":
    main()
