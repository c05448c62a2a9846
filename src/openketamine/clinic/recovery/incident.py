"""A session frozen into one signed bundle: a zip whose manifest names the SHA-256 of every file, signed by the clinic's key."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from openketamine.clinic.recovery.keys import holds, signing_key

MANIFEST, SIGNATURE = "manifest.json", "signature.json"
TAKEN = "incident bundle taken"
"""The action of the audit row that every bundle leaves."""
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
    """Return what is wrong with a bundle: empty when every file is the one that was signed, none is missing and none was added.

    That the public key is the clinic's own is for the reader to compare; the bundle alone cannot say so.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            held = {name: archive.read(name) for name in archive.namelist()}
        signature, manifest = json.loads(held[SIGNATURE]), held[MANIFEST]
        wanted = json.loads(manifest)["files"]
        signed = _sha256(manifest) == signature["sha256"] and holds(
            signature["public_key"], signature["signature"], signature["sha256"]
        )
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        return [f"not a bundle: {error}"]
    found = [] if signed else [f"{MANIFEST}: is not the one that was signed"]
    found += [f"{name}: is missing" for name in wanted if name not in held]
    found += [f"{name}: was changed" for name in wanted if name in held and _sha256(held[name]) != wanted[name]]
    return found + [f"{name}: was added" for name in held if name not in {MANIFEST, SIGNATURE, *wanted}]


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
