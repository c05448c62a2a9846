"""A session frozen into one signed bundle: a zip whose manifest names the SHA-256 of every file, signed by the clinic's key."""

import hashlib
import io
import json
import lzma
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping
from typing import Any

from openketamine.clinic.recovery.keys import holds, signing_key

MANIFEST, SIGNATURE = "manifest.json", "signature.json"
TAKEN = "incident bundle taken"
"""The action of the audit row that every bundle leaves."""
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, RuntimeError, LookupError, ValueError, TypeError,
)  # fmt: skip
"""What reading a zip, or JSON in it, raises when its bytes were changed: no file of somebody else ends in anything but words."""
EPOCH = (1980, 1, 1, 0, 0, 0)


def bundle(files: Mapping[str, bytes], about: Mapping[str, Any]) -> bytes:
    """Return the zip; `about` says what it is and stands in the signed manifest."""
    named = {name: _sha256(content) for name, content in sorted(files.items())}
    manifest = json.dumps({**about, "files": named}, indent=1, sort_keys=True).encode()
    key = signing_key()
    digest = _sha256(manifest)
    signature = {
        "sha256": digest,
        "signature": key.sign(bytes.fromhex(digest)).hex(),
        "public_key": key.public_key().public_bytes_raw().hex(),
    }
    return _zip({MANIFEST: manifest, SIGNATURE: json.dumps(signature, indent=1).encode(), **files})


def faults(content: bytes) -> list[str]:
    """Return what is wrong with a bundle: empty when every file is the one that was signed, none is missing, none was added or is there twice.

    Whose key signed it the bundle alone cannot say: `signed_with` is for the reader to compare.
    """
    try:
        held, twice = _held(content)
        signature, manifest = json.loads(held[SIGNATURE]), held[MANIFEST]
        wanted: dict[str, str] = dict(json.loads(manifest)["files"])
        signed = _sha256(manifest) == signature["sha256"] and holds(
            signature["public_key"], signature["signature"], signature["sha256"]
        )
    except UNREADABLE as error:
        return [f"not a bundle: {error}"]
    found = [] if signed else [f"{MANIFEST}: is not the one that was signed"]
    found += [f"{name}: is there more than once" for name in twice]
    found += [f"{name}: is missing" for name in wanted if name not in held]
    found += [f"{name}: was changed" for name in wanted if name in held and _sha256(held[name]) != wanted[name]]
    return found + [f"{name}: was added" for name in held if name not in {MANIFEST, SIGNATURE, *wanted}]


def signed_with(content: bytes) -> str:
    """Return the public key that a bundle names as its own, in hex; empty where it names none that can be read."""
    try:
        held, _twice = _held(content)
        return bytes.fromhex(json.loads(held[SIGNATURE])["public_key"]).hex()
    except UNREADABLE:
        return ""


def _held(content: bytes) -> tuple[dict[str, bytes], list[str]]:
    """Return the files of a zip, and the names that more than one of them has."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = Counter(archive.namelist())
        held = {name: archive.read(name) for name in names}
    return held, [name for name, count in names.items() if count > 1]


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _zip(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            archive.writestr(entry, content)
    return out.getvalue()
