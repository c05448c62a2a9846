"""The one-page PDF of an infusion, typeset from the same plain values that were signed."""

import json
from pathlib import Path

from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.recovery.models import Signature
from openketamine.clinic.recovery.record import record

PAGE = Path(__file__).with_name("page.typ")
UNSIGNED = {"by": "", "at": "", "digest": "not signed", "signature": ""}


def pdf(infusion: Infusion) -> bytes:
    """Return the PDF; a signed record is printed from the values that were signed."""
    import typst

    signature = Signature.objects.filter(infusion=infusion).first()
    values = signature.record if signature else record(infusion)
    signed = (
        {
            "by": signature.by,
            "at": signature.at.isoformat(),
            "digest": signature.digest,
            "signature": signature.signature,
        }
        if signature
        else UNSIGNED
    )
    inputs = {"record": json.dumps(values), "signature": json.dumps(signed)}
    return bytes(typst.compile(str(PAGE), sys_inputs=inputs))
