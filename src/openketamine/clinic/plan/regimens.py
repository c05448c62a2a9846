"""The regimens in force: a clinic's own signed version where there is one, else the text that ships."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit import texts
from openketamine.clinic.plan.models import ClinicRegimen, Course
from openketamine.core.monitoring.signal import Signal
from openketamine.core.plan.protocol import Change, Effect, changes
from openketamine.evidence import load
from openketamine.evidence.regimen import KIND, Regimen, regimen_of, text_of
from openketamine.evidence.regimen_edit import Signed, settings, with_values

LONGEST_ASKED_MIN = 600.0
"""How long an infusion may be asked about where no protocol runs longer."""


class VersionError(ValueError):
    """A version cannot be signed; the message names the setting and the way out."""


@dataclass(frozen=True, slots=True)
class InForce:
    """One regimen as it counts today: its text, what the text says, and who signed it (None: nobody, it ships so)."""

    name: str
    text: str
    rules: Regimen
    version: ClinicRegimen | None

    @property
    def sha256(self) -> str:
        """Return the name under which the text is kept."""
        return load.sha256(self.text)


def in_force(name: str) -> InForce:
    """Return a regimen as it counts today; raises EvidenceError for an unknown one."""
    version = ClinicRegimen.objects.filter(name=name).first()
    text = texts.kept(version.sha256) if version else text_of(name)
    return InForce(name, text, regimen_of(text, f"{KIND}/{name}.toml"), version)


def all_in_force() -> list[InForce]:
    """Return every regimen as it counts today."""
    return [in_force(name) for name in load.names(KIND)]


def rules_of(course: Course) -> Regimen:
    """Return the regimen as its text stood when the course was planned."""
    return regimen_of(texts.kept(course.regimen_sha256), course.regimen)


def longest_min(course: Course | None) -> float:
    """Return how many minutes may be asked about: an infusion of a pain protocol may run for days."""
    runs = [] if course is None else [float(course.duration_min), float(rules_of(course).duration_min)]
    return max([LONGEST_ASKED_MIN, *runs])


def proposed(name: str, after: Mapping[str, Decimal | None]) -> tuple[Change, ...]:
    """Return what a version with these values would change against the text that ships."""
    return changes(settings(regimen_of(text_of(name), f"{KIND}/{name}.toml")), after)


@transaction.atomic
def sign_version(
    *, name: str, after: Mapping[str, Decimal | None], second_check: str, sedation_scale: str = Signal.MOAAS, reason: str,
    signed_name: str, by: str, at: datetime,
) -> ClinicRegimen:  # fmt: skip
    """Sign a clinic's version; raises VersionError when a sourced limit is loosened without a reason.

    It is always written from the text that ships, so that what is unchanged keeps its source.
    """
    found = proposed(name, after)
    loosened = [change.sentence() for change in found if change.effect is Effect.LOOSER_THAN_SOURCE]
    if loosened and not reason.strip():
        raise VersionError(
            _("reason: is empty. These limits become looser than their source: %(which)s")
            % {"which": "; ".join(loosened)}
        )
    shipped = text_of(name)
    values = {change.setting.name: change.after for change in found}
    text = with_values(shipped, values, second_check, Signed(signed_name, at.date()), sedation_scale=sedation_scale)
    regimen_of(text, f"{KIND}/{name}.toml")
    version = ClinicRegimen(
        name=name, sha256=texts.keep(KIND, name, text=text, at=at), based_on_sha256=texts.keep(KIND, name, text=shipped, at=at),
        changes=[*(change.sentence() for change in found), *_other_scale(shipped, text, name)], reason=reason, at=at, by=by,
    )  # fmt: skip
    version.save()
    audit.record(by=by, at=at, action="protocol version signed", about=f"{name} {version.sha256[:12]}", reason=reason)
    return version


def _other_scale(shipped: str, text: str, name: str) -> list[str]:
    """Return in words that sedation is observed on another scale than the one that ships."""
    before, after = (regimen_of(one, f"{KIND}/{name}.toml").sedation for one in (shipped, text))
    return [] if before is after else [f"sedation scale: {before} → {after}"]
