"""Evidence in force: the text that a signed row used, kept by its SHA-256 at first use."""

from datetime import datetime
from functools import lru_cache

from openketamine.clinic.audit.models import EvidenceText
from openketamine.evidence import load


def keep(kind: str, name: str, *, at: datetime, text: str = "") -> str:
    """Keep the text of an evidence file as it stands now, or `text` when it is put together from several; return its SHA-256."""
    text = text or load.text(kind, name)
    digest = load.sha256(text)
    if not EvidenceText.objects.filter(sha256=digest).exists():
        EvidenceText(sha256=digest, kind=kind, name=name, text=text, first_used_at=at).save()
    return digest


@lru_cache(maxsize=256)
def kept(sha256: str) -> str:
    """Return a kept text, which its name fixes for ever; raises EvidenceText.DoesNotExist when it was never used here."""
    return str(EvidenceText.objects.get(sha256=sha256).text)
