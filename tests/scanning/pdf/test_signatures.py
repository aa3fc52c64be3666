"""Digital signatures: listed, judged, never touched."""

import io

import pytest
from pyhanko.pdf_utils.generic import TextStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from scanning.pdf.signatures import signatures_of
from tests.factories.signing import SIGNER, make_signer, sign
from tests.scanning import files


@pytest.fixture(scope="module")
def signer(tmp_path_factory):
    return make_signer(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def judged(tmp_path):
    def judge(data):
        path = tmp_path / "signed.pdf"
        path.write_bytes(data)
        return signatures_of(path)

    return judge


def test_a_signature_is_listed_with_its_signer(signer, judged):
    (found,), is_broken = judged(sign(files.saved(files.pdf()), signer, "ky1"))
    assert found.signer == SIGNER
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
