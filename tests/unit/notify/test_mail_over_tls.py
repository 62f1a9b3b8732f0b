"""A mail server is handed letters over TLS only where its certificate is good for its name."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from services.notify.deliveries.mailer import Mailer, NoServer

DAY = timedelta(days=1)


class Authority:
    """A certificate authority of this test."""

    def __init__(self, folder) -> None:
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._signed("Thử", self.key, is_authority=True)
        self.file = folder / "ca.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, *, address: str) -> ssl.SSLContext:
        """What a server at that address shows."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._signed("server", key, address=address)
        chain = self.folder / f"{address}.pem"
        chain.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        return context

    def _signed(self, name: str, key, *, is_authority: bool = False, address: str | None = None):
        now = datetime.now(UTC)
        called = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, each)]) for each in (name, "Thử")]
        built = (
            x509.CertificateBuilder()
            .subject_name(called[0])
            .issuer_name(called[1])
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - DAY)
            .not_valid_after(now + DAY)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        if address:
            names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
            built = built.add_extension(names, critical=False)
        return built.sign(self.key, hashes.SHA256())


@pytest.fixture
def serve(tmp_path):
    """`serve(context)`: a mail server on the loopback that offers STARTTLS with it, or none."""
    running = []

    def start(context: ssl.SSLContext | None) -> Mailer:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        server = Controller(Sink(), hostname="127.0.0.1", port=port, tls_context=context)
        server.start()
        running.append(server)
        return Mailer(
            host="127.0.0.1",
            port=port,
            sender="eiso@example.vn",
            starttls=True,
            username=None,
            password=None,
            seconds=5,
        )

    yield start
    for server in running:
        server.stop()


def lets_in(mailer: Mailer) -> bool:
    try:
        with mailer.connection():
            return True
    except NoServer:
        return False


@pytest.fixture
def authority(tmp_path, monkeypatch):
    """Known to this machine, as OpenSSL's own variable says."""
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


def test_a_certificate_that_is_good_for_the_address_is_taken(serve, authority):
    assert lets_in(serve(authority.server(address="127.0.0.1")))


def test_one_for_another_address_is_not(serve, authority):
    assert not lets_in(serve(authority.server(address="127.0.0.2")))


def test_one_of_an_authority_that_nobody_knows_is_not(serve, authority, tmp_path):
    (tmp_path / "stranger").mkdir()
    assert not lets_in(serve(Authority(tmp_path / "stranger").server(address="127.0.0.1")))


def test_nothing_is_said_in_the_clear_to_a_server_without_tls(serve, authority):
    assert not lets_in(serve(None))
