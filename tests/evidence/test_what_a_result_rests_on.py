"""A result lists its references once each, prints a citation, and says how well its numbers are known."""

from openketamine.core.pharmacology.substance import Person
from openketamine.evidence.pharmacology import citation, effect, marks, pk_link, pk_model, references
from openketamine.evidence.subjects import subject

KAMP = pk_model("kamp2020_racemic")


def test_the_sources_of_models_links_and_effects_are_listed_once_each():
    linked = KAMP.with_link(pk_link("derived_venous"))
    found = [one.id for one in references(linked, effect("perception_olofsen"), effect("cadss_derived"))]

    assert found == ["kamp2020", "hasan2021", "olofsen2022", "goldway2025", "vanschalkwyk2018"]


def test_what_a_population_borrows_is_cited_with_it():
    assert [one.id for one in references(KAMP, population=True)] == ["kamp2020", "simons2022"]


def test_a_citation_is_a_line_for_each_reference_with_its_doi():
    lines = citation(pk_model("otto2021_fanta_esk_venous")).splitlines()

    assert [line[:7] for line in lines] == ["Otto ME", "Fanta S"]
    assert "doi:10.1007/s00228-021-03104-1" in lines[0]


def test_a_person_stands_for_model_and_effects():
    found = [one.id for one in references(subject("kamp2020_racemic", Person(70.0)))]

    assert found[0] == "kamp2020"
    assert {"langsjo2003", "goldway2025"} <= set(found)


def test_marks_count_every_number_and_name_the_assumed_ones():
    """Clements: a reference weight, an exponent, a volume and three rates, all transcribed; Kamp's exponent of clearance is ours."""
    legacy, kamp = marks(pk_model("clements250_legacy")), marks(KAMP)

    assert legacy.counts == {"read": 0, "transcribed": 6, "derived": 0, "assumed": 0}
    assert "kamp2020_racemic: exponent, clearance" in kamp.assumed
    assert kamp.counts["assumed"] == len(kamp.assumed)
    assert marks(KAMP.with_link(pk_link("derived_venous"))).counts["derived"] == kamp.counts["derived"] + 1
