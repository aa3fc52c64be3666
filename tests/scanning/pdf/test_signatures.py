"""Digital signatures: listed, judged, never touched."""

import datetime
import io

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.generic import TextStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, sign_pdf
from pyhanko.sign.fields import SigFieldSpec

from scanning.pdf.signatures import signatures_of
from tests.scanning import files


@pytest.fixture(scope="module")
def signer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ủy ban nhân dân xã Mẫu Sơn")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    return SimpleSigner.load(folder / "key.pem", folder / "cert.pem")


def sign(data, signer, field):
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    meta = PdfSignatureMetadata(field_name=field)
    return sign_pdf(writer, meta, signer, new_field_spec=SigFieldSpec(field)).getvalue()


@pytest.fixture
def judged(tmp_path):
    def judge(data):
        path = tmp_path / "signed.pdf"
        path.write_bytes(data)
        return signatures_of(path)

    return judge


def test_a_signature_is_listed_with_its_signer(signer, judged):
    (found,), is_broken = judged(sign(files.saved(files.pdf()), signer, "ky1"))
    assert found.signer == "Ủy ban nhân dân xã Mẫu Sơn"
    assert (found.covers_whole_file, found.intact, found.trusted) == (True, True, False)
    assert not is_broken


def test_who_signs_second_does_not_break_the_first(signer, judged):
    twice = sign(sign(files.saved(files.pdf()), signer, "ky1"), signer, "ky2")
    found, is_broken = judged(twice)
    assert [signature.covers_whole_file for signature in found] == [False, True]
    assert not is_broken


def test_bytes_changed_after_signing_break_it(signer, judged):
    signed = sign(files.saved(files.pdf()), signer, "ky1")
    (found,), is_broken = judged(signed.replace(b"/MediaBox [ 0 0 595", b"/MediaBox [ 0 0 594", 1))
    assert (found.intact, is_broken) == (False, True)


def test_what_is_written_behind_a_signature_breaks_it(signer, judged):
    writer = IncrementalPdfFileWriter(io.BytesIO(sign(files.saved(files.pdf()), signer, "ky1")))
    writer.root["/Lang"] = writer.add_object(TextStringObject("changed"))
    writer.update_root()
    file = io.BytesIO()
    writer.write(file)
    (found,), is_broken = judged(file.getvalue())
    assert (found.covers_whole_file, is_broken) == (False, True)


@pytest.mark.parametrize(
    ("name", "count", "is_broken"),
    [
        ("signed_twice.pdf", 2, False),
        ("signed_qpdf.pdf", 1, False),
        ("signed_pades_lta.pdf", 2, False),
        ("signed_tail_uncovered.pdf", 1, True),
    ],
)
def test_signed_files_of_others_are_judged_right(samples, name, count, is_broken):
    found, broken = signatures_of(samples / "digitise" / name)
    assert (len(found), broken) == (count, is_broken)
