"""Forms of the plan room. Values that a protocol proposes are shown with it; a weight is never proposed."""

from datetime import tzinfo
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.pharmacology.planning import RateAsked
from openketamine.clinic.plan import regimens
from openketamine.clinic.plan.actions import Shape
from openketamine.clinic.plan.exposure import Asked
from openketamine.clinic.plan.models import Appointment, CourseEnding, EndingKind, PlannedInfusion
from openketamine.clinic.plan.standing import orderable
from openketamine.clinic.ui.measures import MeasureField, typed_in
from openketamine.core.pharmacology.body_weight import BodyWeights, body_weights
from openketamine.core.pharmacology.substance import Sex
from openketamine.core.plan.dose import Basis, DoseCard, DoseError, Preparation, dose_card
from openketamine.core.plan.protocol import DurationStanding
from openketamine.evidence import person
from openketamine.evidence.interactions import ideal_weight
from openketamine.evidence.plausible import ranges
from openketamine.evidence.regimen import SECOND_CHECKS, Regimen
from openketamine.evidence.regimen_numbers import RASS_FROM, RASS_TO, Number

UNDILUTED = "none"
POUNDS, INCHES = ("[lb_av]",), ("[in_i]", "m")
SECOND_CHECK_WORDS = {
    "at_the_draw": _("by the second person who signs the draw in the drug book"),
    "before_start": _("by somebody who computes it anew before the start"),
}
SEDATION_WORDS = {"moaas": _("MOAA/S, 0 to 5"), "rass": _("RASS, -5 to +4")}


SETTING_WORDS = {
    "regimen.dose": _("Dose"), "regimen.duration": _("Duration"), "regimen.infusions": _("Infusions in all"),
    "regimen.per_week": _("Infusions a week"), "regimen.minimum_interval": _("Shortest interval"), "regimen.bag": _("Bag"),
    "caps.per_kg": _("Cap per weight"), "caps.per_kg_per_hour": _("Cap per weight and hour"), "caps.per_hour": _("Cap per hour"),
    "caps.per_session": _("Cap per session"), "caps.per_day": _("Cap per day"), "duration.usual_to": _("Duration as studied, up to"),
    "duration.weak_to": _("Duration with weak evidence, up to"), "course.response": _("Response: reduction of at least"),
    "maintenance_review": _("Maintenance justified anew every"), "weight.oldest": _("Oldest weight"),
    "recovery.observation": _("Observation from the start"),
    "pump.differs": _("Pump and arithmetic may differ by"),
    "before_start.oldest": _("Oldest value before the start"), "before_start.again": _("A high pressure is measured again after"),
    "recovery.observation_from_end": _("Observation of a later session from its end, at least"),
    "recovery.observation_after_sedative": _("Observation after the last sedative"),
    "recovery.rass_from": _("Fully awake on RASS, from"), "recovery.rass_to": _("Fully awake on RASS, to"),
}  # fmt: skip


class CourseForm(forms.Form):
    """A course: regimen, number of infusions, dose per weight, first day; and what was given elsewhere before."""

    regimen = forms.ChoiceField(label=_("Regimen"))
    infusions = forms.IntegerField(label=_("Infusions in all"), min_value=1, max_value=60)
    per_week = forms.IntegerField(label=_("A week"), min_value=1, max_value=7)
    dose_mg_per_kg = forms.DecimalField(label=_("Dose, mg/kg"), decimal_places=2, max_digits=4)
    duration_min = forms.DecimalField(label=_("Duration, min"), decimal_places=1, max_digits=5)
    first_on = forms.DateField(label=_("First day here"), widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label=_("Reason, where the duration needs one"), max_length=300, required=False)
    given_elsewhere = forms.IntegerField(
        label=_("Of these, given elsewhere before"), min_value=0, max_value=59, required=False
    )
    told_of_elsewhere = forms.CharField(
        label=_("What is known of them: where, when, doses"), max_length=300, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["regimen"]
        if isinstance(choice, forms.ChoiceField):
            choice.choices = [(one.name, one.rules.title) for one in orderable()]

    def clean(self) -> dict[str, Any]:
        """Hold dose, duration and number against the regimen that was chosen."""
        fields = super().clean() or self.cleaned_data
        if "regimen" not in fields:
            return fields
        rules = regimens.in_force(fields["regimen"]).rules
        self._dose(fields.get("dose_mg_per_kg"), rules)
        self._duration(fields.get("duration_min"), rules)
        elsewhere = fields["given_elsewhere"] = fields.get("given_elsewhere") or 0
        if elsewhere and elsewhere >= fields.get("infusions", elsewhere + 1):
            self.add_error("given_elsewhere", _("%(n)s: must be fewer than the infusions in all") % {"n": elsewhere})
        if elsewhere and not fields.get("told_of_elsewhere"):
            self.add_error("told_of_elsewhere", _("is empty. Write what is known, even if it is little"))
        return fields

    def _dose(self, dose: Decimal | None, rules: Regimen) -> None:
        highest = rules.rules.caps.per_kg
        if dose is not None and (dose <= 0 or (highest is not None and dose > highest)):
            words = {"dose": dose, "highest": f"{highest:f}" if highest else _("no cap set by your clinic")}
            self.add_error("dose_mg_per_kg", _("%(dose)s mg/kg: must be above 0 and at most %(highest)s mg/kg") % words)

    def _duration(self, duration: Decimal | None, rules: Regimen) -> None:
        if duration is None or duration <= 0:
            return
        standing = rules.rules.durations.standing(duration)
        if standing.needs_reason and not self.cleaned_data.get("reason"):
            self.add_error("duration_min", f"{duration} min: {standing.value}")

    def shape(self) -> Shape:
        """Return the course that was typed."""
        return Shape(**self.cleaned_data)


class OrderForm(forms.Form):
    """An order: today's weight, dose per weight, vial, bag and duration; the arithmetic is computed, never typed."""

    weight_kg = MeasureField(
        label=_("Weight today"), unit="kg", also=POUNDS, low=person.weight_kg()[0], high=person.weight_kg()[1]
    )  # fmt: skip
    height_cm = MeasureField(
        label=_("Height (optional)"), unit="cm", also=INCHES, low=person.height_cm()[0], high=person.height_cm()[1], required=False,
        help_text=_("For ideal and adjusted weight"),
    )  # fmt: skip
    dose_mg_per_kg = forms.DecimalField(label=_("Dose, mg/kg"), decimal_places=2, max_digits=4)
    strength = forms.ChoiceField(label=_("Vial strength"))
    diluent = forms.ChoiceField(label=_("Diluent"), required=False)
    bag_ml = forms.DecimalField(label=_("Bag, mL"), decimal_places=1, max_digits=6)
    duration_min = forms.DecimalField(label=_("Duration, min"), decimal_places=1, max_digits=5)
    reason = forms.CharField(label=_("Reason, where one is needed"), max_length=300, required=False)

    def __init__(
        self, *args: Any, rules: Regimen, sex: str = "", given_today_mg: Decimal = Decimal(0), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rules, self.given_today_mg, self.sex = rules, given_today_mg, sex
        self.weights: BodyWeights | None = None
        strength, diluent = self.fields["strength"], self.fields["diluent"]
        if isinstance(strength, forms.ChoiceField) and isinstance(diluent, forms.ChoiceField):
            known = [(f"{one:f}", f"{one:f} mg/mL") for one in rules.rules.strengths_mg_per_ml]
            strength.choices = [("", _("read it from the vial")), *known]
            diluent.choices = [*((says, says) for _id, says in rules.diluents), (UNDILUTED, _("none, undiluted"))]
        self.card: DoseCard | None = None

    def clean(self) -> dict[str, Any]:
        """Compute the dose card; what stands against signing it is on the card."""
        fields = super().clean() or self.cleaned_data
        if self.errors:
            return fields
        diluent = fields["diluent"] or self.rules.diluents[0][1]
        made = Preparation(
            Decimal(fields["strength"]),
            fields["bag_ml"],
            fields["duration_min"],
            "" if diluent == UNDILUTED else diluent,
        )
        dosed_by = self._dosed_by(fields)
        if dosed_by is None:
            return fields
        try:
            self.card = dose_card(
                dosed_by,
                fields["dose_mg_per_kg"],
                made,
                self.rules.rules,
                given_today_mg=self.given_today_mg,
            )
        except DoseError as error:
            raise forms.ValidationError(str(error)) from error
        return fields

    def _dosed_by(self, fields: dict[str, Any]) -> Decimal | None:
        """Return the weight that this protocol doses by; ideal and adjusted need height and sex, which are never guessed."""
        height, basis = fields["height_cm"], self.rules.rules.basis
        sex = Sex(self.sex) if self.sex in set(Sex) else None
        self.weights = body_weights(
            ideal_weight(), float(fields["weight_kg"]), None if height is None else float(height), sex
        )
        if basis is Basis.ACTUAL:
            return Decimal(fields["weight_kg"])
        found = self.weights.ideal_kg if basis is Basis.IDEAL else self.weights.adjusted_kg
        if found is None:
            self.add_error(
                "height_cm",
                _("this protocol doses by %(basis)s weight: height and recorded sex are needed")
                % {"basis": basis.value},
            )
            return None
        return Decimal(repr(found)).quantize(Decimal("0.1"))

    def typed(self, name: str) -> str:
        """Return weight or height as it was typed, with the unit that was chosen."""
        field = self.fields[name]
        found = typed_in(self.data, name, field.units) if isinstance(field, MeasureField) else None
        return found.shown if found else ""

    @property
    def mg_per_actual_kg(self) -> Decimal | None:
        """Return the dose per kilogram of measured weight, whatever weight it was computed from."""
        return (
            None
            if self.card is None
            else (self.card.dose_mg / self.cleaned_data["weight_kg"]).quantize(Decimal("0.001"))
        )

    @property
    def weak(self) -> bool:
        """Whether the duration rests on weak evidence."""
        return self.card is not None and self.card.duration_standing is DurationStanding.WEAK

    @property
    def signable(self) -> bool:
        """Whether the card may be signed with the reason that was typed."""
        return self.card is not None and self.card.signable(self.cleaned_data.get("reason", ""))


class CheckForm(forms.Form):
    """A second person's own arithmetic."""

    draw_ml = forms.DecimalField(label=_("mL from the vial"), decimal_places=3, max_digits=7)
    rate_ml_per_h = forms.DecimalField(label=_("Pump rate, mL/h"), decimal_places=1, max_digits=6)


class VersionForm(forms.Form):
    """A clinic's own numbers of a regimen; an empty field is one that the clinic does not set."""

    second_check = forms.ChoiceField(label=_("The arithmetic is checked"))
    sedation_scale = forms.ChoiceField(label=_("Sedation is observed on"), choices=list(SEDATION_WORDS.items()))
    reason = forms.CharField(
        label=_("Reason, where a limit becomes looser than its source"), max_length=300, required=False
    )

    def __init__(self, *args: Any, rules: Regimen, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules = rules
        check = self.fields["second_check"]
        if isinstance(check, forms.ChoiceField):
            check.choices = [(one, SECOND_CHECK_WORDS[one]) for one in SECOND_CHECKS]
        check.initial = rules.second_check
        self.fields["sedation_scale"].initial = rules.sedation.value
        for number in rules.numbers:
            low, high = _range_of(number)
            field = forms.DecimalField(
                label=f"{number.name}, {number.unit}", required=False, min_value=low, max_value=high, max_digits=8
            )
            field.initial = number.value
            field.widget.attrs["step"] = "any"
            self.fields[number.name] = field

    def rows(self) -> list[dict[str, Any]]:
        """Return each number with its field, for the table."""
        return [
            {
                "number": number, "field": self[number.name], "says": SETTING_WORDS.get(number.name, number.name),
                "unit": "" if number.unit == "1" else number.unit,
            }
            for number in self.rules.numbers
        ]  # fmt: skip

    def after(self) -> dict[str, Decimal | None]:
        """Return the values as typed."""
        return {number.name: self.cleaned_data[number.name] for number in self.rules.numbers}


def _range_of(number: Number) -> tuple[Decimal, Decimal | None]:
    """Return the lowest and highest value of a number; levels of RASS go below 0."""
    if number.name not in {RASS_FROM, RASS_TO}:
        return Decimal(0), None
    low, high = ranges()["rass"]
    return Decimal(low), Decimal(high)


class EndingForm(forms.ModelForm):  # type: ignore[type-arg]
    """How a course ends, and what comes next: nobody is left without a next clinician and a date."""

    kind = forms.ChoiceField(label=_("How it ends"), choices=EndingKind.choices)

    class Meta:
        model = CourseEnding
        fields = ("kind", "reason", "plan", "next_clinician", "next_on")
        widgets = {
            "next_on": forms.DateInput(attrs={"type": "date"}),
            "plan": forms.Textarea(attrs={"rows": 3}),
        }


class TaperDayForm(forms.Form):
    """One day of a taper and what is meant by it; an empty line is no day."""

    on = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}), required=False)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for the day of a note."""
        fields = super().clean() or self.cleaned_data
        if fields.get("note") and not fields.get("on") and "on" not in self.errors:
            self.add_error("on", _("is empty, and its note is %(note)s. Write the day, or clear the note") % fields)
        return fields


TaperDays = forms.formset_factory(TaperDayForm, extra=4, max_num=60)


class MoveForm(forms.Form):
    """Day, time, chair and escort of one appointment, in the clinic's own time."""

    on = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    at = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    chair = forms.ModelChoiceField(label=_("Chair"), queryset=Chair.objects.all(), empty_label=None)
    escort = forms.CharField(label=_("Escort"), max_length=80, required=False)

    @classmethod
    def of(cls, row: Appointment, zone: tzinfo) -> "MoveForm":
        """Return the form of an appointment in force; its ids are its own."""
        start = row.starts_at.astimezone(zone)
        initial = {"on": start.date(), "at": start.time(), "chair": row.chair_id, "escort": row.escort}
        return cls(initial=initial, auto_id=f"move-{row.planned_id}-%s")

    @classmethod
    def for_day(cls, day: PlannedInfusion) -> "MoveForm":
        """Return the form of a planned infusion without an appointment."""
        return cls(initial={"on": day.on}, auto_id=f"move-{day.pk}-%s")


class HoursForm(forms.Form):
    """Opening hours of one weekday; empty hours mean closed."""

    weekday = forms.TypedChoiceField(label=_("Weekday"), coerce=int, choices=list(WEEKDAYS.items()))
    opens = forms.TimeField(label=_("Opens"), required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    closes = forms.TimeField(label=_("Closes"), required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    nurses = forms.IntegerField(label=_("Nurses, each watching one person"), min_value=0, max_value=50)

    def clean(self) -> dict[str, Any]:
        """Refuse hours that end before they begin."""
        fields = super().clean() or self.cleaned_data
        opens, closes = fields.get("opens"), fields.get("closes")
        if bool(opens) != bool(closes) or (opens and closes and closes <= opens):
            self.add_error("closes", _("must be later than the opening, or both are left empty"))
        return fields


class ExposureForm(forms.Form):
    """Which person and which one or two regimens the model is asked about. Nothing is written."""

    weight_kg = MeasureField(
        label=_("Weight"), unit="kg", also=POUNDS, low=person.weight_kg()[0], high=person.weight_kg()[1]
    )
    first_mg_per_kg = forms.DecimalField(label=_("A: mg/kg"), min_value=Decimal("0.01"), max_value=Decimal(5))
    first_min = forms.DecimalField(label=_("A: min"), min_value=Decimal(5))
    second_mg_per_kg = forms.DecimalField(
        label=_("B: mg/kg"), min_value=Decimal("0.01"), max_value=Decimal(5), required=False
    )
    second_min = forms.DecimalField(label=_("B: min"), min_value=Decimal(5), required=False)

    def __init__(self, *args: Any, longest_min: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first_min", "second_min"):
            self.fields[name].validators.append(MaxValueValidator(Decimal(longest_min)))

    def clean(self) -> dict[str, Any]:
        """Ask for both values of the second regimen, or neither."""
        fields = super().clean() or self.cleaned_data
        if bool(fields.get("second_mg_per_kg")) != bool(fields.get("second_min")):
            self.add_error("second_min", _("B needs both mg/kg and minutes, or neither"))
        return fields

    def asked(self) -> tuple[Asked, ...]:
        """Return the regimens that were typed."""
        fields = self.cleaned_data
        first = Asked(float(fields["first_mg_per_kg"]), float(fields["first_min"]))
        if not fields["second_min"]:
            return (first,)
        return (first, Asked(float(fields["second_mg_per_kg"]), float(fields["second_min"])))


class RateForm(forms.Form):
    """Weight, how long the infusion lasts, and the systolic rise to stay under. Nothing is pre-filled."""

    weight_kg = MeasureField(
        label=_("Weight"), unit="kg", also=POUNDS, low=person.weight_kg()[0], high=person.weight_kg()[1]
    )
    duration_min = forms.FloatField(label=_("Infusion lasts, min"), min_value=1)
    height_cm = MeasureField(
        label=_("Height (for ideal weight; may be left out)"), unit="cm", also=INCHES, low=person.height_cm()[0], high=person.height_cm()[1], required=False
    )  # fmt: skip
    limit_mmhg = forms.FloatField(label=_("Systolic rise to stay under, mmHg"), min_value=1, max_value=100)

    def __init__(self, *args: Any, longest_min: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["duration_min"].validators.append(MaxValueValidator(longest_min))

    def asked(self) -> RateAsked:
        """Return the question."""
        fields = self.cleaned_data
        return RateAsked(float(fields["weight_kg"]), fields["duration_min"], fields["limit_mmhg"])
