"""Makes our own https certificate, so that phones on the same network may use their camera."""

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

LIFETIME = datetime.timedelta(days=396)  # phones refuse certificates that last longer than 397 days
SPARE = datetime.timedelta(days=30)


def ensure(folder: Path, names: set[str]) -> tuple[Path, Path]:
    """Give certificate and key for these names, made anew when names change or the end nears."""
    folder.mkdir(exist_ok=True)
    certificate, key = folder / "cert.pem", folder / "key.pem"
    if not (certificate.exists() and key.exists() and is_current(certificate.read_bytes(), names)):
        for path, content in zip((certificate, key), make(names), strict=True):
            path.touch(mode=0o600)
            path.write_bytes(content)
    return certificate, key


def is_current(pem: bytes, names: set[str]) -> bool:
    """Tell whether the certificate is for exactly these names and lasts another month."""
    found = x509.load_pem_x509_certificate(pem)
    held = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    now = datetime.datetime.now(datetime.UTC)
    return {str(name.value) for name in held} == names and found.not_valid_after_utc - now > SPARE


def make(names: set[str]) -> tuple[bytes, bytes]:
    """Sign a new key with itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    ourselves = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Mot Cua")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(ourselves)
        .issuer_name(ourselves)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))  # phones' clocks may be slow
        .not_valid_after(now + LIFETIME)
        .add_extension(
            x509.SubjectAlternativeName([alternative(name) for name in sorted(names)]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private


def alternative(name: str) -> x509.GeneralName:
    """Tell an address from a name, as certificates do."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
