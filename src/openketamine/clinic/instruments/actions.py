"""Scoring and keeping answers; loading words that are licensed to this clinic."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit import texts
from openketamine.clinic.audit.models import arrived
from openketamine.clinic.instruments.models import Answers, LicensedWords, WordSource
from openketamine.clinic.people.models import Patient
from openketamine.core.instruments.questionnaire import Flag, Questionnaire, TextSource, Tier
from openketamine.core.instruments.scoring import score
from openketamine.evidence.questionnaires import KIND, questionnaire, questionnaire_ids, with_words


@transaction.atomic
def answer(
    *, patient: Patient, instrument: str, answers: Mapping[str, int], by: str, at: datetime, now: datetime | None = None
) -> tuple[Answers, tuple[Flag, ...]]:
    """Score and keep answers; return the row and the flags that somebody has to look at. `now` is when what was kept arrives."""
    found = score(questionnaire(instrument), answers)
    row = Answers(
        patient=patient, instrument=instrument, instrument_sha256=texts.keep(KIND, instrument, at=at), answers=dict(answers),
        score=found.score, band=found.band or "", flags=[flag.id for flag in found.flags], at=at, by=by,
        recorded_at=arrived(at, now),
    )  # fmt: skip
    row.save()
    audit.record(by=by, at=now or at, action="questionnaire answered", patient=patient.reference, instrument=instrument)
    return row, found.flags


class LicenceError(ValueError):
    """Words cannot be loaded under this licence; the message says why and what to do."""


def in_words(name: str) -> Questionnaire:
    """Return a questionnaire in the words that this clinic may show: bundled, from a pack, its own, or none."""
    asks = questionnaire(name)
    loaded = None if asks.licence.tier is Tier.TEXT else LicensedWords.objects.filter(instrument=name).first()
    return with_words(asks, loaded.words, TextSource(loaded.source)) if loaded else asks


@transaction.atomic
def load_words(
    *, instrument: str, source: WordSource, words: Mapping[str, str], licence: str, by: str, at: datetime
) -> LicensedWords:
    """Load the words of a questionnaire; raises LicenceError when its licence forbids it or a pack was edited."""
    asks = questionnaire(instrument)
    digest = words_sha256(words)
    if asks.licence.tier is Tier.TEXT:
        raise LicenceError(
            _("%(name)s: its words come with the program and stay as their authors wrote them") % {"name": instrument}
        )
    if not licence.strip():
        raise LicenceError(_("licence: is empty. Write who granted it, when and for what"))
    if source is WordSource.PACK and digest != asks.licence.pack_sha256:
        raise LicenceError(
            _("%(name)s: this pack is not the published one; load it unchanged, or load your own words")
            % {"name": instrument}
        )
    with_words(asks, dict(words), TextSource(source))
    row = LicensedWords(
        instrument=instrument, source=source, words=dict(words), sha256=digest, licence=licence.strip(), at=at, by=by
    )  # fmt: skip
    row.save()
    audit.record(by=by, at=at, action="licensed words loaded", about=f"instrument {instrument}", sha256=digest)
    return row


def words_sha256(words: Mapping[str, str]) -> str:
    """Return the name of these words: the SHA-256 of their canonical JSON."""
    return hashlib.sha256(json.dumps(words, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def read_pack(raw: bytes) -> tuple[str, dict[str, str]]:
    """Return the questionnaire and the words of a pack, a JSON object of `instrument` and `words`; raises LicenceError."""
    try:
        pack = json.loads(raw.decode("utf-8"))
        name, words = pack["instrument"], pack["words"]
    except (UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise LicenceError(_("file: is not a pack: a JSON object with instrument and words")) from error
    if name not in questionnaire_ids():
        raise LicenceError(_("instrument = %(name)s: is no questionnaire known here") % {"name": str(name)[:60]})
    if not isinstance(words, dict) or not all(isinstance(one, str) for one in words.values()):
        raise LicenceError(_("words: must be text by item"))
    return name, words
