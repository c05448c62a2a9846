"""A local certificate authority and a server certificate, for a clinic's own network."""

import ipaddress
import os
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS = 3650
SERVER_DAYS = 397
"""About a year: browsers refuse server certificates that live much longer."""
BACKDATED = timedelta(hours=1)
"""A tablet whose clock runs late must not refuse a fresh certificate."""
LONGEST_NAME = 253
COMMON_NAME = 64


class CertificateError(ValueError):
    """A name or a file cannot be used; the message names it and says what to do."""


def make(folder: Path, names: tuple[str, ...], at: datetime) -> bool:
    """Write the server's key and certificate, and the authority's when there is none; return whether it was made.

    Raises CertificateError for a name that is none, and for an authority that is not whole.
    """
    named = [general_name(name) for name in names]
    made = not (folder / "authority.key").exists()
    if made:
        key = ec.generate_private_key(ec.SECP256R1())
        _keep(folder / "authority.key", _pem_of_key(key), 0o600)
        _keep(folder / "authority.crt", authority(key, at).public_bytes(Encoding.PEM), 0o644)
    signer, root = _read_authority(folder)
    key = ec.generate_private_key(ec.SECP256R1())
    issued = server(key.public_key(), named, root, signer, at)
    _keep(folder / "server.key", _pem_of_key(key), 0o600)
    _keep(folder / "server.crt", issued.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM), 0o644)
    return made


def authority(key: ec.EllipticCurvePrivateKey, at: datetime) -> x509.Certificate:
    """Return the authority's own certificate; it may sign servers and no further authority."""
    name = _name(f"OpenKetamine clinic authority {at:%Y-%m-%d}")
    usage = x509.KeyUsage(
        digital_signature=False, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    made = _begun(name, name, key.public_key(), at, AUTHORITY_DAYS)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return made.add_extension(usage, critical=True).sign(key, hashes.SHA256())


def server(
    key: ec.EllipticCurvePublicKey,
    names: list[x509.GeneralName],
    root: x509.Certificate,
    signer: ec.EllipticCurvePrivateKey,
    at: datetime,
) -> x509.Certificate:
    """Return the server's certificate for these names and addresses."""
    made = _begun(_name(str(names[0].value)), root.subject, key, at, SERVER_DAYS)
    made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return made.add_extension(issuer, critical=False).sign(signer, hashes.SHA256())


def general_name(name: str) -> x509.GeneralName:
    """Return a name or address as it stands in a certificate; raises CertificateError for neither."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        labels = name.split(".")
        if len(name) <= LONGEST_NAME and all(part.isascii() and part.replace("-", "a").isalnum() for part in labels):
            return x509.DNSName(name.lower())
    raise CertificateError(f"{name!r}: must be a name such as clinic.example or an address such as 192.168.7.10")


def names_of(path: Path) -> list[str]:
    """Return the names and addresses of a certificate file; raises CertificateError when it holds none."""
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
        named = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound) as error:
        raise CertificateError(f"{path}: is no certificate with names in it ({error})") from error
    addresses = [f"[{one}]" if one.version == 6 else str(one) for one in named.get_values_for_type(x509.IPAddress)]  # noqa: PLR2004 - IPv6 as in a URL
    return [*named.get_values_for_type(x509.DNSName), *addresses]


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, at: datetime, days: int
) -> x509.CertificateBuilder:
    made = x509.CertificateBuilder(issuer_name=issuer, subject_name=subject, public_key=key)
    made = made.serial_number(x509.random_serial_number()).not_valid_before(at - BACKDATED)
    made = made.not_valid_after(at + timedelta(days=days))
    return made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:COMMON_NAME])])


def _read_authority(folder: Path) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    try:
        key = load_pem_private_key((folder / "authority.key").read_bytes(), None)
        root = x509.load_pem_x509_certificate((folder / "authority.crt").read_bytes())
    except (ValueError, TypeError) as error:
        raise CertificateError(f"{folder}: authority.key or authority.crt is damaged: move both away") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != root.public_key():
        raise CertificateError(f"{folder}: authority.key does not belong to authority.crt: move both away")
    return key, root


def _pem_of_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _keep(path: Path, content: bytes, mode: int) -> None:
    """Write a whole file, with its mode from the first byte on."""
    half = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    half.replace(path)
