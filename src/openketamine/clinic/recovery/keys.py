"""The clinic's signing key (Ed25519), made at first use and readable by its owner alone."""

import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings


def signing_key() -> Ed25519PrivateKey:
    """Return the key, making it when there is none."""
    path = Path(settings.SIGNING_KEY_PATH)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(Ed25519PrivateKey.generate().private_bytes_raw())
    except FileExistsError:
        pass
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def public_key() -> str:
    """Return the public key of this clinic in hex; empty where none has been made yet."""
    made = Path(settings.SIGNING_KEY_PATH).exists()
    return signing_key().public_key().public_bytes_raw().hex() if made else ""


def fingerprint(public_key: str) -> str:
    """Return the SHA-256 of a public key (hex) in groups of four, as two people read it to each other."""
    digest = hashlib.sha256(bytes.fromhex(public_key)).hexdigest()
    return " ".join(digest[start : start + 4] for start in range(0, len(digest), 4))


def holds(public_key: str, signature: str, digest: str) -> bool:
    """Say whether a signature over a digest is this key's."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(
            bytes.fromhex(signature), bytes.fromhex(digest)
        )
    except (InvalidSignature, ValueError):
        return False
    return True
