"""Lists the digital signatures of a PDF and whether the file still is what was signed."""

import logging
from pathlib import Path

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from scanning.contract import Signature

logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)


def signatures_of(path: Path) -> tuple[Signature, ...]:
    """One entry per signature; `trusted` stays false here, because this module knows no roots."""
    with path.open("rb") as file:
        try:
            embedded = list(PdfFileReader(file, strict=False).embedded_signatures)
        except Exception:
            return (Signature("", covers_whole_file=False, intact=False, trusted=False),)
        return tuple(_judge(signature) for signature in embedded)


def _judge(signature: EmbeddedPdfSignature) -> Signature:
    try:
        status = validate_pdf_signature(
            signature, ValidationContext(trust_roots=[], allow_fetching=False)
        )
        intact = bool(status.intact and status.valid)
        whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    except Exception:
        intact = whole = False
    return Signature(_signer(signature), covers_whole_file=whole, intact=intact, trusted=False)


def _signer(signature: EmbeddedPdfSignature) -> str:
    try:
        subject = signature.signer_cert.subject.native
    except Exception:
        return ""
    name = subject.get("common_name") or subject.get("organization_name") or ""
    return name if isinstance(name, str) else ", ".join(name)
