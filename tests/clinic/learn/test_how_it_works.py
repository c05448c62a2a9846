"""The page for everybody: open, about example persons only, plain, every claim cited, popular claims corrected."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from django.urls import reverse
from tests.builders import make_clinic

from openketamine.clinic.learn import curves
from openketamine.clinic.learn.drawing import Frame, round_steps
from openketamine.evidence.learn import page

pytestmark = pytest.mark.django_db
OLDEST_READER = 14
SCHOOL_STARTS_AT = 5


@pytest.fixture
def shown(client):
    make_clinic()

    def show(**choices):
        return client.get(reverse("learn:how-it-works"), choices)

    return show


class Plain(HTMLParser):
    """Gathers each element of class plain-words: its words, and how many sources it cites."""

    def __init__(self):
        super().__init__()
        self.found, self.depth, self.quiet = [], 0, 0

    def handle_starttag(self, tag, attrs):
        classes = dict(attrs).get("class", "").split()
        if "plain-words" in classes:
            self.found.append({"words": "", "cites": 0})
            self.depth = 1
        elif self.depth:
            self.depth += 1
            self.quiet += "cited" in classes or self.quiet > 0
            self.found[-1]["cites"] += tag == "a"

    def handle_endtag(self, tag):
        if self.depth:
            self.depth -= 1
            self.quiet = max(0, self.quiet - 1)

    def handle_data(self, data):
        if self.depth and not self.quiet:
            self.found[-1]["words"] += data


def main(answer):
    return answer.text.split("<main")[1]


def paragraphs(answer):
    parser = Plain()
    parser.feed(answer.text)
    return parser.found


def syllables(word):
    word = word.lower()
    found = len(re.findall(r"[aeiouy]+", word)) - (
        word.endswith("e") and not word.endswith(("le", "ee")) and len(word) > 3
    )
    return max(1, found)


def reading_age(text):
    """The Flesch-Kincaid grade, plus the age at which school starts."""
    sentences = max(1, len(re.findall(r"[.!?](?:\s|$)", text)))
    words = re.findall(r"[A-Za-z']+", text)
    grade = 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
    return grade + SCHOOL_STARTS_AT


def test_anybody_may_read_it_without_signing_in_and_sign_in_leads_to_it(client, shown):
    assert shown().status_code == 200
    assert reverse("learn:how-it-works") in client.get(reverse("people:sign-in")).text


def test_it_reads_easily_at_fourteen(shown):
    found = paragraphs(shown())
    whole = " ".join(one["words"].strip() for one in found)

    assert len(found) > 20
    assert reading_age(whole) <= OLDEST_READER - 3
    assert [one["words"] for one in found if reading_age(one["words"]) > OLDEST_READER] == []


def test_the_formula_tells_hard_words_from_easy_ones():
    easy = "The cat sat on the mat. It was warm."
    hard = "Pharmacokinetic heterogeneity necessitates individualised interpretation of concentration measurements."

    assert reading_age(easy) < 8
    assert reading_age(hard) > 20


def test_every_paragraph_cites_a_source_that_is_listed(shown):
    answer = shown()

    assert [one["words"] for one in paragraphs(answer) if one["cites"] == 0] == []
    named = set(re.findall(r'href="#(source-[^"]+)"', answer.text))
    assert len(named) > 20
    assert named <= set(re.findall(r'<li id="(source-\d+)"', answer.text))


def test_it_is_about_example_persons_and_no_number_can_be_typed(shown):
    text = shown().text

    assert "made-up persons" in text
    assert "<input" not in text.split('<form method="get"')[1].split("</form>")[0]


def test_a_larger_dose_draws_a_higher_level_and_longer_a_lower_one(shown):
    small, large = (curves.during(60.0, dose, 40.0).bands["ketamine_ng_per_ml"]["p50"].max() for dose in (0.2, 1.0))
    long = curves.during(60.0, 1.0, 90.0).bands["ketamine_ng_per_ml"]["p50"].max()

    assert large == pytest.approx(5 * small)
    assert long < large
    assert main(shown(dose="1", minutes="90", person="carla")) != main(shown())


def test_the_brain_follows_the_blood(shown):
    found = curves.during(60.0, 0.5, 40.0)
    blood = found.bands["ketamine_ng_per_ml"]["p50"]

    assert found.minutes[found.brain.argmax()] > found.minutes[blood.argmax()]
    assert found.brain.max() < blood.max()


@pytest.mark.parametrize("choices", [{"person": "you"}, {"dose": "500"}, {"minutes": "-1"}, {"dose": "nan"}])
def test_a_choice_that_is_not_offered_falls_back_to_one_that_is(shown, choices):
    assert main(shown(**choices)) == main(shown())


def test_popular_claims_are_corrected(shown):
    found = {one.heard: one.found for one in page().claims}

    assert "connections" in found["It makes new brain cells grow."]
    assert "no proof" in found["It works through serotonin."]
    assert "40 minutes" in found["An infusion takes 45 to 90 minutes."]
    text = shown().text
    assert all(heard in text for heard in found)


def test_each_explanation_is_graded_and_not_fully_understood(shown):
    text = shown().text

    found = [one for one, _lines in curves.explanations()]
    assert text.count("not fully understood") == sum(1 + len(one.steps) for one in found)
    assert "studies in people speak against it" in text
    steps = re.findall(r'<li class="k-step-\d">(.*?)</li>', text)
    assert len(steps) == sum(len(one.steps) for one in found)
    assert all("not fully understood" in step and "#source-" in step for step in steps)
    assert all(term in text for term in ("BDNF", "TrkB", "mTORC1", "eEF2K"))


@pytest.mark.parametrize(
    ("said", "authors"),
    [
        ("Clinics use 40 to 60.", ("Singh", "Fava", "clinic&#x27;s page")),
        ("people given a dummy drug improved too.", ("McInnes", "Gutierrez", "McIntyre", "Murrough", "Singh")),
        ("Heavy use outside a clinic does.", ("Winstock", "31076629", "40583492")),
    ],
)
def test_a_sentence_with_several_claims_cites_the_study_of_each(shown, said, authors):
    text = shown().text
    after = text.split(said)[1].split("</dd>")[0]
    listed = dict(re.findall(r'<li id="(source-\d+)">(.*?)</li>', text))
    cited = " ".join(listed[one] for one in re.findall(r'href="#(source-\d+)"', after))

    assert [author for author in authors if author not in cited] == []


def test_captions_are_read_and_cited_like_every_paragraph(shown):
    captions = re.findall(r"<figcaption[^>]*>", shown().text)

    assert len(captions) == 4 + len(curves.explanations())
    assert all("plain-words" in one for one in captions)


def test_each_plot_says_in_words_what_it_shows(shown):
    labels = re.findall(r'<svg class="curve"[^>]*aria-label="([^"]*)"', shown().text)

    assert len(labels) == 4 + len(curves.explanations())
    assert all(len(label) > 60 for label in labels)


def test_mood_is_drawn_for_both_classes_and_never_below_nothing():
    days, lines = curves.mood(page().persons[0])

    assert lines["responds"].min() >= 0
    assert (lines["responds"] <= lines["does_not"] + 1e-9).all()
    assert days[-1] == 42


def test_axes_have_round_labels_and_a_length():
    assert round_steps(0, 180) == [0, 50, 100, 150]
    assert round_steps(0, 1.1) == pytest.approx([0, 0.3, 0.6, 0.9])
    with pytest.raises(ValueError, match="length"):
        round_steps(1, 1)
    assert Frame((0, 1), (0, 1)).up(np.array([0.0, 1.0])).tolist() == [190.0, 12.0]
