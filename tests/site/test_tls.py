"""https without a proxy: an authority of the clinic's own, a certificate for its names, cookies that travel over nothing else."""

import os
import ssl
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from cryptography import x509

from openketamine.site import certificates, cli
from openketamine.site.commands import serve
from openketamine.site.commands.io import BadInput

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def made(folder, *names):
    folder.mkdir(exist_ok=True)
    certificates.make(folder, (*names, "localhost", "127.0.0.1"), datetime.now(UTC))
    return str(folder / "server.crt"), str(folder / "server.key")


def test_keys_are_readable_by_their_owner_alone(tmp_path):
    made(tmp_path)

    for name in ("authority.key", "server.key"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_the_certificate_is_for_the_names_and_addresses_that_were_asked(tmp_path):
    certificates.make(tmp_path, ("clinic.example", "192.168.7.10", "::1"), AT)
    found = x509.load_pem_x509_certificate((tmp_path / "server.crt").read_bytes())

    assert certificates.names_of(tmp_path / "server.crt") == ["clinic.example", "192.168.7.10", "[::1]"]
    assert found.not_valid_after_utc - AT == timedelta(days=397)
    assert not found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_the_authority_is_made_once_and_the_server_certificate_anew(tmp_path):
    made(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    made(tmp_path, "second.example")
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    assert {name for name in before if before[name] != after[name]} == {"server.crt", "server.key"}


def test_an_authority_that_does_not_fit_its_key_is_named(tmp_path):
    made(tmp_path / "a")
    made(tmp_path / "b")
    (tmp_path / "a" / "authority.key").write_bytes((tmp_path / "b" / "authority.key").read_bytes())

    with pytest.raises(certificates.CertificateError, match="does not belong"):
        made(tmp_path / "a")
    (tmp_path / "a" / "authority.key").write_text("no key")
    with pytest.raises(certificates.CertificateError, match="damaged"):
        made(tmp_path / "a")


def test_the_command_says_what_to_install_where(tmp_path, capsys):
    assert cli.run(["tls-setup", "--dir", str(tmp_path / "tls"), "--name", "clinic.example"]) == 0
    said = capsys.readouterr().out

    assert "https://clinic.example:8443/" in said
    assert f"{tmp_path}/tls/authority.crt (never a .key)" in said
    for machine in ("iPad", "Android", "Windows", "macOS"):
        assert machine in said


@pytest.mark.parametrize("name", ["", "bad name", "-.-..", "a" * 300, "*.example", "ä.example"])
def test_a_name_that_is_none_is_one_line_and_exit_2(tmp_path, capsys, name):
    assert cli.run(["tls-setup", "--dir", str(tmp_path / "tls"), "--name", name]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_certificate_and_key_must_belong_together(tmp_path):
    certificate, _key = made(tmp_path / "a")
    _certificate, key = made(tmp_path / "b")

    for pair in ((certificate, key), (certificate, str(tmp_path / "none")), (key, key)):
        with pytest.raises(BadInput, match="--tls-cert"):
            serve.named(*pair)


def test_pages_come_over_https_and_cookies_over_nothing_else(tmp_path):
    certificate, key = made(tmp_path / "tls")
    environment = {**os.environ, "PYTHONPATH": "src:tests/measured", "OPENKETAMINE_HOME": str(tmp_path / "home")}
    environment.pop("OPENKETAMINE_HOSTS", None)
    run = [sys.executable, "-m", "openketamine"]
    subprocess.run([*run, "migrate"], env=environment, check=True)
    command = [*run, "serve", "--port", "0", "--tls-cert", certificate, "--tls-key", key]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            address = process.stdout.readline().split()[-1]
            trusted = ssl.create_default_context(cafile=str(tmp_path / "tls" / "authority.crt"))
            with opened(f"{address}/people/sign-in/", trusted) as page:
                cookies = page.headers.get_all("Set-Cookie")
        finally:
            process.terminate()
    assert address.startswith("https://127.0.0.1:")
    assert cookies
    assert all("Secure" in cookie for cookie in cookies)


def opened(address, trusted, seconds=20):
    for _ in range(seconds * 5):
        try:
            return urlopen(Request(address), context=trusted, timeout=5)
        except URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError):
                raise
            time.sleep(0.2)
    pytest.fail(f"{address} did not answer")
    return None
