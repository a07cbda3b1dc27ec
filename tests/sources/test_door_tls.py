"""Over TLS the door trusts only the machine's own certificates, and keeps its deadline as well."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from door_kit import FakeClock, ask, assert_shows_no_key
from fault_server import FaultServer, answer, drip, raw, silence

from plimsoll.domain.errors import NoAnswer
from plimsoll.sources import wire

pytest.importorskip("cryptography", reason="certificates for the test are made with it")


class TlsServer(FaultServer):
    """A fault server behind TLS, with a certificate of its own making."""

    context: ssl.SSLContext

    @property
    def url(self) -> str:
        return super().url.replace("http://", "https://")

    def wrap(self, connection):  # type: ignore[no-untyped-def]
        return self.context.wrap_socket(connection, server_side=True)


def certificate(folder: Path, *, days: int = 1, host: str = "127.0.0.1") -> Path:
    """A self-signed certificate with its key in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(pem)
    )
    TlsServer.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    TlsServer.context.load_cert_chain(path)
    return path


def trust(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_tls", lambda: ssl.create_default_context(cafile=str(path)))


def test_a_trusted_server_is_read(
    clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(certificate(tmp_path), monkeypatch)
    with TlsServer(answer(body={"a": 1})) as server:
        assert ask(server, clock) == {"a": 1}


@pytest.mark.parametrize("script", [silence, drip(b"HTTP/1.1 200 OK\r\nX-Slow: ")])
def test_a_dripping_server_ends_with_the_patience_over_tls_too(
    script: object, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(certificate(tmp_path), monkeypatch)
    with TlsServer(script) as server, pytest.raises(NoAnswer, match="within the"):  # type: ignore[arg-type]
        ask(server, clock, patience=0.5)


def test_a_self_signed_certificate_gets_no_request_and_one_try(
    clock: FakeClock, tmp_path: Path
) -> None:
    certificate(tmp_path)
    with TlsServer(answer()) as server:
        with pytest.raises(NoAnswer, match="self-signed certificate") as caught:
            ask(server, clock)
        assert server.requests == []
        assert server.connections == 1
    assert_shows_no_key(caught.value)


@pytest.mark.parametrize(
    ("days", "host", "why"), [(-1, "127.0.0.1", "expired"), (1, "127.0.0.9", "not valid for")]
)
def test_what_is_wrong_with_a_certificate_is_said(
    days: int,
    host: str,
    why: str,
    clock: FakeClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trust(certificate(tmp_path, days=days, host=host), monkeypatch)
    with TlsServer(answer()) as server, pytest.raises(NoAnswer, match=why):
        ask(server, clock)
    assert server.requests == []


def test_the_environment_cannot_add_a_certificate(
    clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = certificate(tmp_path)
    log = tmp_path / "keylog"
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))
    with TlsServer(answer()) as server, pytest.raises(NoAnswer, match="cannot be trusted"):
        ask(server, clock)
    assert server.requests == []
    assert not log.exists()


def test_verification_and_a_modern_protocol_are_always_on() -> None:
    context = wire._tls()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_a_server_without_tls_is_told_as_that(clock: FakeClock) -> None:
    with FaultServer(raw(b"HTTP/1.1 400 Bad\r\n\r\n")) as server:
        # The greeting of TLS never ends in an empty line, so answer before it does.
        server._read_request = lambda connection: connection.recv(10)  # type: ignore[method-assign]
        with pytest.raises(NoAnswer, match="no secure connection") as caught:
            ask(server.url.replace("http", "https"), clock)
    assert_shows_no_key(caught.value)


def test_a_silent_handshake_ends_with_the_patience(clock: FakeClock) -> None:
    with FaultServer(silence) as server, pytest.raises(NoAnswer, match="within the"):
        ask(server.url.replace("http", "https"), clock, patience=0.3)
