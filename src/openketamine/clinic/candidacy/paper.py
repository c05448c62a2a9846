"""The released page on paper, typeset from the values that were released."""

import json
from pathlib import Path

from django.utils import timezone

from openketamine.clinic.candidacy.models import Release
from openketamine.clinic.candidacy.sharing import consent_of
from openketamine.clinic.people.models import Clinic
from openketamine.clinic.ui import typeset

PAGE = Path(__file__).with_name("leaflet.typ")


def leaflet_pdf(release: Release, clinic: Clinic | None) -> bytes:
    """Return the PDF of a released page with the consent as it stands now."""
    consent, withdrawn = consent_of(release)
    values = {
        "page": release.page, "cost": release.cost, "clinic": clinic.name if clinic else "", "demo": bool(clinic and clinic.is_demo),
        "patient": str(release.patient), "born_on": release.patient.born_on.isoformat(), "released": f"{release.by}, {timezone.localtime(release.at):%Y-%m-%d}",
        "signed": f"{consent.name}, {timezone.localtime(consent.at):%Y-%m-%d %H:%M} {timezone.get_current_timezone_name()}, {consent.device}, version {consent.version}" if consent else "",
        "withdrawn": f"{timezone.localtime(withdrawn.at):%Y-%m-%d %H:%M} {timezone.get_current_timezone_name()}, {withdrawn.by}" if withdrawn else "",
    }  # fmt: skip
    return typeset.pdf(PAGE, {"values": json.dumps(values)})
