"""What comes after a record was signed and stands below it: the drug book goes on."""

from datetime import datetime

from django.utils.translation import gettext as _

from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.ledger.models import Row
from openketamine.core.infusion.balance import shown
from openketamine.core.infusion.events import Kind


def signed_at(infusion: Infusion) -> datetime | None:
    """Return when a record was signed, in clinic time: what was written later is not part of it; None before that."""
    events = queries.standing_events(infusion)
    return next((row.recorded_at for row in events if row.kind == Kind.SIGNED.value), None)


def drug_rows(infusion: Infusion) -> list[Row]:
    """Return the rows of the drug book of this session that were written after it was signed."""
    at = signed_at(infusion)
    return [] if at is None else list(Row.objects.filter(session=infusion.reference, at__gt=at).order_by("pk"))


def said(row: Row) -> str:
    """Return a row in words: what, how much, before whom."""
    words = {"kind": row.get_kind_display(), "mg": shown(row.mg), "second": row.second}
    told = _("%(kind)s %(mg)s mg, second person %(second)s") % words
    return f"{told}; {row.told}" if row.told else told
