"""How it works: open to anybody, without signing in. Example persons only, never the reader's own dose."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from openketamine.clinic.learn import plots
from openketamine.core.pharmacology.mechanism import Evidence
from openketamine.evidence import load
from openketamine.evidence.learn import Choice, Cited, Page, page

GRADES = {
    Evidence.HUMAN: _("measured in people"),
    Evidence.RODENT: _("seen in animals only"),
    Evidence.RODENT_SOME_HUMAN: _("seen in animals, parts of it in people"),
    Evidence.HUMAN_CONTESTED: _("small studies in people that disagree"),
    Evidence.HUMAN_AGAINST: _("studies in people speak against it"),
    Evidence.IN_VITRO: _("seen in the laboratory only"),
}


@login_not_required
@require_GET
def how_it_works(request: HttpRequest) -> HttpResponse:
    """Show the page for the example that was chosen; an unknown choice falls back to the first, and nothing is stored."""
    words = page()
    example = next((one for one in words.persons if one.id == request.GET.get("person")), words.persons[0])
    dose = _chosen(words.doses, request.GET.get("dose"), 1)
    minutes = _chosen(words.minutes, request.GET.get("minutes"), 0)
    during = plots.during(example, dose.value, minutes.value, get_language())
    context = {
        "words": words, "example": example, "dose": dose, "minutes": minutes, "plots": during, "mood": plots.mood(example),
        "explanations": [
            (one, GRADES[one.evidence], [(step, GRADES[step.evidence]) for step in one.steps], plot)
            for one, plot in plots.explanations(get_language())
        ],
        "sources": _sources(words), "texts": words.texts,
    }  # fmt: skip
    return render(request, "learn/how_it_works.html", context)


def _chosen(choices: tuple[Choice, ...], asked: str | None, default: int) -> Choice:
    return next((one for one in choices if f"{one.value:g}" == asked), choices[default])


def _sources(words: Page) -> list[tuple[int, str, str, str]]:
    """Number the sources in the order in which the page cites them: number, id, citation, address."""
    known = load.sources()
    said: list[Cited] = [*words.texts.values(), *words.feelings, *words.doses, *words.minutes, *words.claims]
    cited = [source for one in said for source in one.sources]
    explained = [one for one, _plot in plots.explanations(get_language())]
    cited += [
        source for one in explained for source in (*one.sources, *(key for step in one.steps for key in step.sources))
    ]
    ids = dict.fromkeys([*cited, *(source for every in plots.SOURCES.values() for source in every)])
    return [(i, key, known[key].citation, _address(key)) for i, key in enumerate(ids, start=1)]


def _address(key: str) -> str:
    one = load.sources()[key]
    if one.doi:
        return f"https://doi.org/{one.doi}"
    return one.url if one.url.startswith("http") else ""
