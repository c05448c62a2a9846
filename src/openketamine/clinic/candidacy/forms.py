"""The questions of candidacy as forms: nothing is preselected, a blank answer is no answer, and each answer carries its source."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.candidacy.actions import Known
from openketamine.clinic.candidacy.models import Listed, Source
from openketamine.clinic.ui.measures import MeasureWidget, Typed, typed_in
from openketamine.clinic.ui.templatetags.units import spoken
from openketamine.core.candidacy.facts import Fact, FactError, Kind, Value
from openketamine.core.candidacy.history import Adherence, TrialOutcome
from openketamine.evidence import treatments

UNKNOWN = "unknown"
UNKNOWN_CHOICE = (UNKNOWN, _("asked, not known"))
YES_NO = (("yes", _("yes")), ("no", _("no")), UNKNOWN_CHOICE)
TRUTH = {"yes": True, "no": False}
TAKEN = ((Adherence.TAKEN, _("yes")), (Adherence.PARTLY, _("only in part")), (Adherence.UNKNOWN, _("not known")))
CAME_OF_IT = (
    (TrialOutcome.NO_RESPONSE, _("no improvement")), (TrialOutcome.PARTIAL, _("better by less than half")),
    (TrialOutcome.RESPONSE, _("better by half or more")), (TrialOutcome.NOT_TOLERATED, _("stopped: not tolerated")),
    (TrialOutcome.ONGOING, _("still going on")), (TrialOutcome.UNKNOWN, _("not known")),
)  # fmt: skip
LONGEST_WEEKS, HIGHEST_MG = 5200, 10_000


class KnownForm(forms.Form):
    """How and when it became known. The day is today unless another is written."""

    known_source = forms.ChoiceField(
        label=_("How do you know?"), choices=Source.choices[:4], required=False, widget=forms.RadioSelect
    )
    known_detail = forms.CharField(label=_("Which letter, record or person"), max_length=200, required=False)
    known_on = forms.DateField(
        label=_("On which day was it so? Blank: today"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    asks_meant = False
    """Whether an unusual number waits for a word that it is meant."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        """Ask for the source of what was answered; a day cannot lie ahead."""
        fields = super().clean() or self.cleaned_data
        if self.says_something() and not fields.get("known_source"):
            self.add_error("known_source", _("is empty. Choose how you know what you have answered."))
        on = fields.get("known_on")
        if on and on > self.today:
            self.add_error("known_on", _("%(day)s lies ahead of today") % {"day": on.isoformat()})
        return fields

    def says_something(self) -> bool:
        """Say whether anything was answered."""
        return True

    def known(self) -> Known:
        """Return how it became known."""
        fields = self.cleaned_data
        return Known(Source(fields["known_source"]), fields["known_on"] or self.today, fields["known_detail"])


class FactsForm(KnownForm):
    """One field for each fact, and how they became known. An unusual number asks whether it is meant."""

    meant = forms.BooleanField(label=_("The unusual numbers are meant so"), required=False)

    def __init__(self, *args: Any, facts: Iterable[Fact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.facts = tuple(facts)
        for fact in self.facts:
            self.fields[fact.code] = _field(fact)
        self.order_fields([*(fact.code for fact in self.facts), "known_source", "known_detail", "known_on", "meant"])

    def clean(self) -> dict[str, Any]:
        """Read each answer as its fact; a refusal names the field, the value and the limit."""
        fields = super().clean()
        for fact in self.facts:
            if fields.get(fact.code):
                try:
                    fields[fact.code] = fact.read(self._value(fact, fields[fact.code]), self.today)
                    self._ask_once_more(fact, fields[fact.code])
                except FactError as error:
                    self.add_error(fact.code, str(error))
        return fields

    def _value(self, fact: Fact, given: str) -> object:
        """Return what was typed as a value of the fact, converted where another unit was chosen."""
        found = self._typed(fact)
        return fact.converted(float(found.number), found.unit) if found else _value(fact, given)

    def _typed(self, fact: Fact) -> Typed | None:
        return typed_in(self.data, fact.code, fact.units) if fact.also else None

    def _ask_once_more(self, fact: Fact, value: object) -> None:
        if not fact.unusual(value) or not fact.usual:
            return
        self.asks_meant = True
        if self.data.get("meant"):
            return
        typed = self._typed(fact)
        words = {
            "typed": typed.shown if typed else f"{value:g} {fact.unit}", "low": f"{fact.usual[0]:g}", "high": f"{fact.usual[1]:g}",
            "unit": spoken(fact.unit),
        }  # fmt: skip
        says = _("%(typed)s is unusual (mostly %(low)s to %(high)s %(unit)s). Mend it, or tick below that it is meant.")
        self.add_error(fact.code, says % words)

    def typed(self) -> dict[str, Typed]:
        """Return each number that has several units as it was typed, with the unit that was chosen."""
        found = {fact.code: self._typed(fact) for fact in self.facts}
        return {code: one for code, one in found.items() if one}

    def says_something(self) -> bool:
        """Say whether any question was answered."""
        return any(self.cleaned_data.get(fact.code) for fact in self.facts)

    def answers(self) -> dict[str, Value | None]:
        """Return what was answered; a blank is no answer, None means asked and not known."""
        typed = {fact.code: self.data.get(fact.code, "") for fact in self.facts}
        return {code: self.cleaned_data[code] for code, text in typed.items() if text.strip()}


class TreatmentForm(KnownForm):
    """One treatment that was tried. What is not known about it stays empty."""

    agent = forms.CharField(label=_("Treatment"), max_length=80, widget=forms.TextInput(attrs={"list": "agents"}))
    treatment_class = forms.ChoiceField(label=_("Class (found by itself for a listed treatment)"), required=False)
    mg_per_day = forms.FloatField(label=_("Highest dose, mg a day"), required=False, min_value=0, max_value=HIGHEST_MG)
    weeks = forms.FloatField(label=_("Weeks at that dose"), required=False, min_value=0, max_value=LONGEST_WEEKS)
    adherence = forms.ChoiceField(
        label=_("Taken as prescribed?"), widget=forms.RadioSelect,
        choices=TAKEN,
    )  # fmt: skip
    outcome = forms.ChoiceField(
        label=_("What came of it?"), widget=forms.RadioSelect,
        choices=CAME_OF_IT,
    )  # fmt: skip
    field_order = ("agent", "treatment_class", "mg_per_day", "weeks", "adherence", "outcome")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["treatment_class"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("by itself")), *((one.id, gettext(one.words)) for one in treatments.classes())]

    def clean(self) -> dict[str, Any]:
        """Find the class of a listed treatment; ask for it for any other."""
        fields = super().clean()
        fields["agent"] = fields.get("agent", "").strip().lower()
        known = treatments.class_of(fields["agent"])
        if known:
            fields["treatment_class"] = known.id
        elif fields["agent"] and not fields.get("treatment_class"):
            self.add_error("treatment_class", _("is empty, and this treatment is not in the list. Choose its class."))
        return fields

    def treatment(self) -> dict[str, Any]:
        """Return the treatment as its row takes it."""
        return {name: self.cleaned_data[name] for name in self.field_order}


class ListForm(KnownForm):
    """One line of a list, or that there is none; nothing is preselected."""

    kind = forms.ChoiceField(label=_("List"), choices=Listed.choices, widget=forms.RadioSelect)
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    detail = forms.CharField(label=_("Dose, reaction or other detail"), max_length=200, required=False)
    none_known = forms.BooleanField(label=_("Asked: none known"), required=False)
    field_order = ("kind", "name", "detail", "none_known")

    def clean(self) -> dict[str, Any]:
        """Take a name or `none known`, not both."""
        fields = super().clean()
        if bool(fields.get("name")) == bool(fields.get("none_known")):
            self.add_error("name", _("write a name, or tick that none is known"))
        return fields


def _value(fact: Fact, typed: str) -> object:
    if typed == UNKNOWN:
        return None
    if fact.kind is Kind.BOOLEAN:
        return TRUTH[typed]
    return _number(typed) if fact.kind is Kind.NUMBER else typed


def _number(typed: str) -> object:
    try:
        return float(typed.replace(",", "."))
    except ValueError:
        return typed.strip()


class UnitsField(forms.CharField):
    """A number beside the choice of its unit; what was typed is read by its fact."""

    def to_python(self, value: Any) -> Any:
        """Return the number as typed; the unit is read from the form."""
        return super().to_python(value[0] if value else "")


def _field(fact: Fact) -> forms.Field:
    if fact.also:
        return UnitsField(label=gettext(fact.question), required=False, widget=MeasureWidget(fact.units))
    if fact.kind is Kind.NUMBER:
        unit = "" if fact.unit in {"1", "{score}"} else f" ({spoken(fact.unit)})"
        widget = forms.TextInput(attrs={"inputmode": "decimal", "size": "8", "autocomplete": "off"})
        return forms.CharField(label=f"{gettext(fact.question)}{unit}", required=False, max_length=20, widget=widget)
    words = ((word, gettext(word).replace("_", " ")) for word in fact.choices)
    choices = YES_NO if fact.kind is Kind.BOOLEAN else (*words, UNKNOWN_CHOICE)
    return forms.ChoiceField(label=gettext(fact.question), choices=choices, required=False, widget=forms.RadioSelect)
