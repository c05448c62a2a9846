"""Who may be the same person: by identifier, or by birth date and name with room for a slip of the hand."""

import calendar
import unicodedata
from collections.abc import Iterable
from datetime import date
from itertools import pairwise

from openketamine.clinic.people.models import Patient, PatientIdentifier

SHORT = 3
"""Names up to this length must agree to the letter: one letter makes another name of them."""


def likely_duplicates(
    *,
    given_name: str,
    family_name: str,
    born_on: date,
    identifier: str = "",
    identifiers: Iterable[tuple[str, str]] = (),
) -> list[Patient]:
    """Return patients who may be the same person.

    The same identifier; the same birth date with one name alike or the two swapped; or a birth date one slip away (one digit, day and
    month swapped) with both names alike. Alike means: the same but for accents, case, spaces and one letter.
    """
    pairs = list(identifiers)
    numbers = {value for _system, value in pairs} | ({identifier} if identifier else set())
    found = [patient for pair in pairs for patient in known_by(*pair)]
    found += Patient.objects.filter(identifier__in=numbers)
    names = (given_name, family_name)
    for patient in Patient.objects.filter(born_on__in=near_dates(born_on)):
        alike = _names_alike((patient.given_name, patient.family_name), names)
        if alike == len(names) or (alike and patient.born_on == born_on):
            found.append(patient)
    return list({patient.pk: patient for patient in found}.values())


def known_by(system: str, value: str) -> list[Patient]:
    """Return the patient whom another system knows by this number, if there is one."""
    return [
        row.patient for row in PatientIdentifier.objects.filter(system=system, value=value).select_related("patient")
    ]


def near_dates(born_on: date) -> set[date]:
    """Return the dates that one slip of the hand makes of a date: itself, one digit changed, day and month swapped."""
    text = born_on.strftime("%Y%m%d")
    slips = {text[:at] + digit + text[at + 1 :] for at in range(len(text)) for digit in "0123456789"}
    slips.add(text[:4] + text[6:] + text[4:6])
    return {day for slip in slips if (day := _day(slip)) is not None}


def plain(name: str) -> str:
    """Return a name without case, accents, spaces and hyphens."""
    spelt = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in spelt if letter.isalnum())


def one_slip_apart(one: str, other: str) -> bool:
    """Say whether two words are the same but for one letter: changed, left out, added, or two neighbours swapped."""
    if abs(len(one) - len(other)) > 1:
        return False
    if len(one) == len(other):
        wrong = [at for at, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
        swapped = any(one[a] == other[b] and one[b] == other[a] and b == a + 1 for a, b in pairwise(wrong))
        return len(wrong) <= 1 or (len(wrong) == len("ab") and swapped)
    short, long = sorted((one, other), key=len)
    return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))


def _names_alike(known: tuple[str, str], asked: tuple[str, str]) -> int:
    """Return how many of two names are alike, in the order given or swapped."""
    straight = sum(alike(a, b) for a, b in zip(known, asked, strict=True))
    crossed = sum(alike(a, b) for a, b in zip(known, reversed(asked), strict=True))
    return max(straight, crossed)


def alike(one: str, other: str) -> bool:
    """Say whether two names are the same but for accents, case, spaces and, in longer ones, one letter."""
    a, b = plain(one), plain(other)
    return bool(a) and (a == b or (min(len(a), len(b)) > SHORT and one_slip_apart(a, b)))


def _day(text: str) -> date | None:
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:])
    fits = year > 0 and 1 <= month <= len(calendar.month_abbr) - 1 and 1 <= day <= calendar.monthrange(year, month)[1]
    return date(year, month, day) if fits else None
