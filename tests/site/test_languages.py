"""A language is a file: with a pseudo-language in place the screens speak it, and the committed catalogue holds every text."""

import io
import json
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import trans_real
from pypdf import PdfReader
from tests.builders import make_clinic, make_patient, make_staff

from openketamine.clinic.people.models import Role
from openketamine.clinic.ui import typeset
from openketamine.evidence.learn import page

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "src" / "openketamine" / "locale" / "django.pot"
RECORD = ROOT / "src" / "openketamine" / "clinic" / "recovery"
PSEUDO = "eo"  # a language that Django knows and nobody has translated this into


def texts():
    """The texts of the committed catalogue."""
    found = re.findall(r'^msgid (".*")$', CATALOGUE.read_text(encoding="utf-8"), re.MULTILINE)
    return [json.loads(one) for one in found if one != '""']


def compiled(pairs):
    """A catalogue as gettext reads it (the MO format)."""
    pairs = sorted((source.encode(), told.encode()) for source, told in pairs.items())
    at, tables, body = 28 + 16 * len(pairs), [], b""
    for side in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[side]), at + len(body)))
            body += pair[side] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return head + b"".join(tables) + body


@pytest.fixture
def pseudo(settings, tmp_path):
    folder = tmp_path / PSEUDO / "LC_MESSAGES"
    folder.mkdir(parents=True)
    header = {"": "Content-Type: text/plain; charset=UTF-8\n"}
    (folder / "django.mo").write_bytes(compiled({**header, **{text: f"⟦{text}⟧" for text in texts()}}))
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = [("en", "English"), (PSEUDO, "Pseudo")]
    forget()
    yield
    forget()


def forget():
    trans_real._translations.clear()
    for cached in (trans_real.check_for_language, trans_real.get_languages, trans_real.get_supported_language_variant):
        getattr(cached, "cache_clear", bool)()
    translation.activate("en")


OF_A_PERSON = (
    "candidacy:candidacy", "candidacy:screens", "candidacy:lists", "chart:patient", "followup:checkpoints", "followup:course",
    "people:elsewhere", "pharmacology:person", "plan:plan", "safety:screens",
)  # fmt: skip
OF_THE_CLINIC = (
    "candidacy:protocols", "chart:board", "chart:patients", "ledger:stock", "monitoring:devices", "people:refer", "plan:calendar",
    "plan:regimens",
)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("name", OF_A_PERSON + OF_THE_CLINIC)
def test_the_screens_speak_the_language_that_the_browser_asks_for(client, pseudo, name):
    make_clinic(name="123")
    client.force_login(make_staff(Role.PRESCRIBER, display_name="456"))
    patient = make_patient(given_name="1", family_name="2", referred_for="3")
    where = reverse(name, args=[patient.reference] if name in OF_A_PERSON else [])

    said = client.get(where, headers={"accept-language": PSEUDO}).text
    plain = client.get(where, headers={"accept-language": "xx"}).text

    assert f'<html lang="{PSEUDO}">' in said
    assert '<html lang="en">' in plain
    assert "⟦" not in plain
    assert [words for words in unspoken(said) if words != "OpenKetamine"] == []


@pytest.mark.django_db
def test_the_page_for_everybody_speaks_it_down_to_the_sentences_of_its_evidence(client, pseudo):
    make_clinic(name="123")
    where = reverse("learn:how-it-works")

    said, plain = (client.get(where, headers={"accept-language": one}).text for one in (PSEUDO, "en"))

    words = page()
    told = [one.says for one in (*words.texts.values(), *words.feelings)]
    told += [text for one in words.claims for text in (one.heard, one.found)]
    assert [text for text in told if escape(f"⟦{text}⟧") not in said] == []
    assert list(unspoken(said)) == []
    assert "⟦" not in plain


def test_a_page_on_paper_speaks_it_too(pseudo, tmp_path, monkeypatch):
    monkeypatch.setattr(typeset, "ROOT", tmp_path)
    (tmp_path / "ui").mkdir()
    shutil.copy(RECORD.parent / "ui" / "say.typ", tmp_path / "ui")
    page_on_paper = tmp_path / "page.typ"
    page_on_paper.write_text(
        '#import "/ui/say.typ": say\n'
        '#say("Readiness to leave") #say("the first {most} of {number} events; all of them in the appendix", most: 3, number: 9)',
        encoding="utf-8",
    )
    with translation.override(PSEUDO):
        text = " ".join(PdfReader(io.BytesIO(typeset.pdf(page_on_paper, {}))).pages[0].extract_text().split())

    assert "Readiness to leave" in text.replace("⟦", "").replace("⟧", "")
    assert "the first 3 of 9 events" in text
    assert text.count("⟦") == 2


@pytest.mark.parametrize("page_on_paper", sorted(RECORD.parent.glob("*/*.typ")), ids=lambda path: path.name)
def test_no_page_on_paper_has_words_of_its_own_beside_those_it_says(page_on_paper):
    """What is left of it outside `say` is code, values and units."""
    lines = [
        line
        for line in page_on_paper.read_text(encoding="utf-8").splitlines()
        if not line.startswith(("//", "#import"))
    ]
    rest = re.sub(r'"(?:[^"\\\\]|\\\\.)*"', "", "\n".join(lines))
    rest = re.sub(r"#?[\w.]+\([^()]*\)|#[\w.]+|\b[a-z_]+(\.[a-z_]+)+", " ", rest)
    assert re.findall(r"(?<![\w.#])[A-Z][a-z]{3,} [a-z]{2,}", rest) == []


def unspoken(page):
    """The words of headings, buttons, labels and links that stand outside the brackets of the pseudo-language."""
    page = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    for element in re.findall(r"<(h1|h2|button|legend|label|th|nav)\b[^>]*>(.*?)</\1>", page, re.DOTALL):
        outside = re.sub(r"⟦[^⟧]*⟧", "", re.sub(r"<[^>]+>", " ", element[1]))
        yield from re.findall(r"[A-Za-z]{4,}", outside)


@pytest.mark.slow
def test_the_catalogue_holds_every_text():
    """`make messages` writes it."""
    check = subprocess.run([sys.executable, "scripts/messages.py", "--check"], cwd=ROOT, check=False)

    assert check.returncode == 0


def test_the_catalogue_is_a_catalogue():
    assert len(texts()) == len(set(texts())) > 300
    assert "Refer a patient" in texts()
    assert any(text.endswith("?") for text in texts())  # a question out of an evidence file
