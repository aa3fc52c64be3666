"""Lists the digital signatures of a PDF and whether the file still is what was signed."""

import contextlib
import logging
from pathlib import Path

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import (
    EmbeddedPdfSignature,
    validate_pdf_signature,
    validate_pdf_timestamp,
)
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from scanning.contract import Signature

logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)


def signatures_of(path: Path) -> tuple[list[Signature], bool]:
    """One entry per signature, and whether any of them no longer holds.

    `trusted` stays false here, because this module knows no roots. A signature need not cover the
    whole file to hold: who signs second, or adds a time stamp, writes behind the first.
    """
    with path.open("rb") as file:
        try:
            embedded = list(PdfFileReader(file, strict=False).embedded_signatures)
        except Exception:
            return [Signature("", covers_whole_file=False, intact=False, trusted=False)], True
        judged = [_judge(signature) for signature in embedded]
    return [signature for signature, _ in judged], not all(holds for _, holds in judged)


def _judge(signature: EmbeddedPdfSignature) -> tuple[Signature, bool]:
    """The entry, and whether nothing but what the rules allow was added behind it."""
    context = ValidationContext(trust_roots=[], allow_fetching=False)
    is_stamp = signature.sig_object.get("/Type") == "/DocTimeStamp"
    intact = whole = holds = False
    # What cannot be checked does not hold, whatever the check stumbled over.
    with contextlib.suppress(Exception):
        validate = validate_pdf_timestamp if is_stamp else validate_pdf_signature
        status = validate(signature, context)
        intact = bool(status.intact and status.valid)
        whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
        level = status.modification_level
        holds = intact and (whole or (level is not None and level < ModificationLevel.OTHER))
    return Signature(_signer(signature), whole, intact, trusted=False), holds


def _signer(signature: EmbeddedPdfSignature) -> str:
    try:
        subject = signature.signer_cert.subject.native
    except Exception:
        return ""
    name = subject.get("common_name") or subject.get("organization_name") or ""
    return name if isinstance(name, str) else ", ".join(name)
