"""Forms at the chair. Every field starts blank; what was not measured says why."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from math import inf
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.infusion.actions import NotNowError
from openketamine.clinic.infusion.models import AMOUNTS, InfusionEvent, Sedates, Wishes
from openketamine.clinic.infusion.scales import SCALES, used
from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.plan.models import Order
from openketamine.clinic.ui.numbers import NumberField
from openketamine.core.infusion.line import Fluid
from openketamine.evidence.chairs import chair_rules
from openketamine.evidence.plausible import ranges

NOT_MEASURED = (
    ("", _("blank")),
    ("declined", _("patient declined")),
    ("asleep", _("asleep, not woken")),
    ("no device", _("no device")),
    ("other", _("other")),
)
VITALS = (
    ("nibp_systolic", _("Systolic, mmHg")),
    ("nibp_diastolic", _("Diastolic, mmHg")),
    ("heart_rate", _("Heart rate, /min")),
    ("spo2", _("SpO2, %")),
    ("respiratory_rate", _("Breaths, /min")),
)
OXYGEN = (
    ("", ""),
    ("air", _("Air")),
    ("cannula", _("Nasal cannula")),
    ("mask", _("Mask")),
    ("bag", _("Bag-valve mask")),
)
HIGHEST_FLOW = 15
SOON = timedelta(hours=1)
"""What is typed as that soon after now is a slip, and no time of yesterday."""
LONGEST_WORDS = 300
FLUIDS = (("", ""), (Fluid.SALINE.value, _("saline")), (Fluid.DRUG.value, _("the drug mixture")))
PATENCY = (
    ("", ""),
    ("free", _("flushes freely")),
    ("resistance", _("flushes with resistance")),
    ("re_sited", _("re-sited here, flushes freely")),
)
NEEDS_WORDS = frozenset(
    {"drug_given", "observation", "cancelled", "left", "transferred", "escort_absent", "infiltrated", "site"}
)


class Happened(forms.Form):
    """When something happened, as the clock showed it; blank for now."""

    happened = forms.TimeField(
        label=_("Happened at (blank: now)"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )

    def when(self, now: datetime, *, near: datetime | None = None) -> datetime:
        """Return when it happened: now, or what was typed (`happened_at`)."""
        return happened_at(self.cleaned_data.get("happened"), now, near=near)


def happened_at(typed: time | None, now: datetime, *, near: datetime | None = None) -> datetime:
    """Return when it happened: now where nothing was typed, or the last time the clock showed it; where it is set back, it does so twice.

    With `near` it is the time nearest to that instant. Raises NotNowError for a time that is soon to come.
    """
    if typed is None:
        return now
    zone, about = timezone.get_current_timezone(), timezone.localtime(near or now).date()
    shown = [
        datetime.combine(about + timedelta(days=days), typed.replace(fold=fold), zone).astimezone(UTC)
        for days in (-2, -1, 0, 1)
        for fold in (0, 1)
    ]
    found = min((one for one in shown if one <= now), key=lambda one: abs(one - (near or now)))
    soon = min((one for one in shown if now < one <= now + SOON), default=None)
    if soon is not None and abs(found - (near or now)) > max(SOON, abs(soon - (near or now))):
        words = {"typed": f"{typed:%H:%M}", "now": f"{timezone.localtime(now):%H:%M}"}
        raise NotNowError(
            _("Happened at %(typed)s: that is still to come, it is %(now)s. Leave the time blank for now, or type when it was") % words
        )  # fmt: skip
    return found


class CheckForm(Happened):
    """One typed check: pressures, heart rate, saturation, breathing, oxygen, sedation, distress, nausea."""

    def __init__(self, *args: Any, sedation: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scales = used(SCALES, sedation)
        for name, label in VITALS:
            low, high = ranges()[name]
            self.fields[name] = _number(label, low, high)
        self.fields[VITALS[0][0]].widget.attrs["autofocus"] = True
        self.fields["oxygen"] = forms.ChoiceField(label=_("Oxygen"), choices=OXYGEN, required=False)
        self.fields["o2_flow"] = _number(_("Oxygen flow, L/min"), 0, HIGHEST_FLOW)
        for scale in self.scales:
            self.fields[scale.signal] = _number(scale.label, scale.low, scale.high)
        for name in self.measured():
            self.fields[f"why_{name}"] = forms.ChoiceField(
                label=_("not measured"), choices=NOT_MEASURED, required=False
            )

    def measured(self) -> tuple[str, ...]:
        """Return the names of the numeric fields, each of which may say why it was not measured."""
        return (*(name for name, _label in VITALS), "o2_flow", *(one.signal for one in self.scales))

    def in_order(self) -> tuple[str, ...]:
        """Return the names of the fields in the order in which they are typed, how oxygen is given among them."""
        vitals = [name for name, _label in VITALS]
        return (*vitals, "oxygen", *self.measured()[len(vitals) :])

    def clean(self) -> dict[str, Any]:
        """Refuse an empty sheet, and a diastolic pressure above the systolic one."""
        fields = super().clean() or self.cleaned_data
        high, low = fields.get("nibp_systolic"), fields.get("nibp_diastolic")
        if high is not None and low is not None and low >= high:
            self.add_error(
                "nibp_diastolic",
                _("%(low)g: must be below the systolic pressure %(high)g") % {"low": low, "high": high},
            )
        filled = (value not in {None, ""} for name, value in fields.items() if name != "happened")
        if not self.errors and not any(filled):
            raise forms.ValidationError(_("Nothing was filled in. Type a value, or say why it was not measured."))
        return fields

    def values(self) -> Mapping[str, float | None]:
        """Return the numbers that were typed, None where none was."""
        return {name: self.cleaned_data.get(name) for name in self.measured()}

    def reasons(self) -> Mapping[str, str]:
        """Return why a value was not measured."""
        chosen = {name: self.cleaned_data.get(f"why_{name}", "") for name in self.measured()}
        return {name: why for name, why in chosen.items() if why and self.cleaned_data.get(name) is None}

    def words(self) -> Mapping[str, str]:
        """Return what was said in words: how oxygen was given."""
        oxygen = self.cleaned_data.get("oxygen", "")
        return {"oxygen": oxygen} if oxygen else {}


class RecordForm(Happened):
    """One step at the chair: what the pump was set to, a drug given, something observed. `happened` is blank for now."""

    kind = forms.CharField(max_length=20)
    rate_ml_per_h = NumberField(label=_("Rate, mL/h"), required=False, min_value=0, max_value=2000)
    delivered_ml = NumberField(label=_("Pump shows delivered, mL"), required=False, min_value=0, max_value=5000)
    volume_ml = NumberField(label=_("Volume, mL"), required=False, min_value=0, max_value=500)
    fluid = forms.ChoiceField(label=_("Filled with"), choices=FLUIDS, required=False)
    dose = forms.CharField(label=_("Dose with unit"), required=False, max_length=60)
    says = forms.CharField(label=_("Words"), required=False, max_length=LONGEST_WORDS)
    sedates = forms.ChoiceField(label=_("Does it sedate?"), required=False, choices=(("", ""), *Sedates.choices))
    gauge = forms.CharField(label=_("Gauge"), required=False, max_length=10)
    patency = forms.ChoiceField(label=_("Patency"), choices=PATENCY, required=False)
    sure = forms.BooleanField(label=_("Far from the order, and the pump really shows it"), required=False)

    def __init__(self, *args: Any, order: Order | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order

    def clean(self) -> dict[str, Any]:
        """Ask for the words that an ending, a drug or an observation cannot do without."""
        fields = super().clean() or self.cleaned_data
        self._worded(fields)
        self._sedating(fields)
        self._dosed(fields)
        sure = fields.pop("sure", False)
        self._fits_the_bag(fields)
        self._line_fits_the_bag(fields, sure=sure)
        self._far_from_the_order(fields, sure=sure)
        self._vein(fields, fields.pop("gauge", ""), fields.pop("patency", ""))
        return fields

    def _worded(self, fields: dict[str, Any]) -> None:
        """Ask for words where a step says nothing without them."""
        if fields.get("kind") in NEEDS_WORDS and not fields.get("says", "").strip():
            self.add_error("says", _("is empty: say why, or what"))

    def _sedating(self, fields: dict[str, Any]) -> None:
        """Ask whether a drug sedates where its name does not say so."""
        drug = fields.get("says", "")
        if fields.get("kind") == "drug_given" and drug and not fields.get("sedates") and not chair_rules().knows(drug):
            self.add_error(
                "sedates", _("%(drug)s is not known here: does it sedate? Choose yes or no") % {"drug": drug}
            )

    def _dosed(self, fields: dict[str, Any]) -> None:
        """Ask for the dose of a drug."""
        if fields.get("kind") == "drug_given" and not fields.get("dose", "").strip() and "dose" not in self.errors:
            self.add_error("dose", _("is empty: type amount, unit and route, for example 4 mg i.v."))

    def _fits_the_bag(self, fields: dict[str, Any]) -> None:
        """Refuse a total that the bag cannot have held."""
        total, bag = fields.get("delivered_ml"), float(self.order.bag_ml) if self.order else inf
        if total is not None and total > bag:
            self.add_error(
                "delivered_ml",
                _("%(total)g mL is more than the bag holds (%(bag)g mL): read the pump again. If it counts more than this bag, leave the field blank and record what it shows as an observation") % {"total": total, "bag": bag},
            )  # fmt: skip

    def _line_fits_the_bag(self, fields: dict[str, Any], *, sure: bool) -> None:
        """Ask again for a line that holds as much as the bag; of the drug mixture it cannot have been filled so."""
        volume, bag = fields.get("volume_ml"), float(self.order.bag_ml) if self.order else inf
        if fields.get("kind") != "line_primed" or volume is None or volume < bag:
            return
        words = {"volume": volume, "bag": bag}
        if fields.get("fluid") == Fluid.DRUG.value:
            self.add_error(
                "volume_ml",
                _("%(volume)g mL of the drug mixture cannot be in a line: the bag held %(bag)g mL. Look at the line again and type what it holds") % words,
            )  # fmt: skip
        elif not sure:
            self.add_error(
                "volume_ml",
                _("%(volume)g mL is as much as the whole bag (%(bag)g mL): look at the line again. If it really holds this, tick that it does and record once more") % words,
            )  # fmt: skip
        _add_words(fields, _("confirmed, though the bag holds %(bag)g mL") % words)

    def _far_from_the_order(self, fields: dict[str, Any], *, sure: bool) -> None:
        """Ask again for a rate far from the ordered one; what was confirmed is kept in the words of the step."""
        rate = fields.get("rate_ml_per_h")
        if not rate or self.order is None or fields.get("kind") == "pump_seen":
            return
        ordered, (lowest, highest) = float(self.order.rate_ml_per_h), near_the_order(self.order)
        if lowest <= rate <= highest:
            return
        words = {"rate": rate, "ordered": ordered}
        if not sure:
            self.add_error(
                "rate_ml_per_h",
                _("%(rate)g mL/h is far from the ordered %(ordered)g mL/h: look at the pump again. If it really shows this, tick that it does and record once more") % words,
            )  # fmt: skip
        _add_words(fields, _("confirmed, though %(ordered)g mL/h are ordered") % words)

    def _vein(self, fields: dict[str, Any], gauge: str, patency: str) -> None:
        """Ask for every part of a vein, and put them together into its words."""
        if fields.get("kind") != "site":
            return
        if gauge not in chair_rules().gauges:
            self.add_error("gauge", _("%(gauge)s: choose a size from the list") % {"gauge": gauge or "—"})
        if not patency:
            self.add_error("patency", _("is empty: say how it flushes"))
        fields["says"] = vein(fields.get("says", ""), gauge, patency)


def vein(place: str, gauge: str, patency: str) -> str:
    """Return the words of a vein: where, which size, how it flushes."""
    return ", ".join([place, gauge, str(dict(PATENCY)[patency])])


PUMP_TOTAL = frozenset({"stopped", "completed"})
"""Steps at which the total of the pump is read, also when it was left blank."""


def near_the_order(order: Order) -> tuple[float, float]:
    """Return the lowest and the highest rate in mL/h that is not asked about again."""
    rules, ordered = chair_rules(), float(order.rate_ml_per_h)
    return rules.rate_below * ordered, rules.rate_above * ordered


class CorrectionForm(RecordForm):
    """A recorded step put right: its words say what was wrong. What stays blank was right; nothing is filled in."""

    place = forms.CharField(label=_("Vein: where"), required=False, max_length=100)

    def __init__(self, *args: Any, event: InfusionEvent, **kwargs: Any) -> None:
        super().__init__(*args, order=event.infusion.order, **kwargs)
        self.event = event
        self.fields["kind"].required = False

    def clean(self) -> dict[str, Any]:
        """Take the kind of the step that was recorded, whatever the page says."""
        self.cleaned_data["kind"] = self.event.kind
        return super().clean()

    def changed(self, now: datetime) -> dict[str, Any]:
        """Return what is otherwise than it was recorded, by the names of the columns."""
        fields = self.cleaned_data
        said = [name for name in (*dict(AMOUNTS), "fluid", "dose") if getattr(self.event, name) not in {None, ""}]
        said += ["delivered_ml"] if self.event.kind in PUMP_TOTAL else []
        found = {name: fields[name] for name in said if fields.get(name) not in {None, ""}}
        found |= {"says": fields["vein"]} if fields.get("vein") else {}
        return found | ({} if fields["happened"] is None else {"at": self.when(now, near=self.event.at)})

    def _worded(self, fields: dict[str, Any]) -> None:
        """Ask nothing here: the page asks what was wrong, and a step that never happened needs it too."""

    def _sedating(self, fields: dict[str, Any]) -> None:
        """Ask nothing: the drug stays the one that was recorded."""

    def _dosed(self, fields: dict[str, Any]) -> None:
        """Ask nothing: a dose that stays blank is the one that was recorded."""

    def _vein(self, fields: dict[str, Any], gauge: str, patency: str) -> None:
        """Ask for every part of a vein as soon as one of them is typed."""
        place = fields.get("place", "").strip()
        if not (place or gauge or patency):
            return
        parts = (("place", place, _("is empty: say where")), ("gauge", gauge, _("is empty: choose a size from the list")), ("patency", patency, _("is empty: say how it flushes")))  # fmt: skip
        for name, value, why in parts:
            if not value:
                self.add_error(name, why)
        if gauge and gauge not in chair_rules().gauges:
            self.add_error("gauge", _("%(gauge)s: choose a size from the list") % {"gauge": gauge})
        fields["vein"] = vein(place, gauge, patency)


class ReadinessForm(forms.Form):
    """What stands at a chair today, and who is there."""

    present = forms.MultipleChoiceField(
        label=_("Seen and working"), required=False, widget=forms.CheckboxSelectMultiple
    )
    observer = forms.CharField(label=_("Dedicated observer today"), max_length=100, required=False)
    clinician = forms.CharField(
        label=_("Clinician trained in advanced life support, on site"), max_length=100, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["present"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [(item.id, item.says) for item in chair_rules().items]


class WishesForm(forms.ModelForm):  # type: ignore[type-arg]
    """What the person wishes for this session, and what helped in it."""

    class Meta:
        model = Wishes
        fields = ("touch", "preferences", "helped")
        widgets = {"touch": forms.RadioSelect}


class OpenForm(forms.Form):
    """Which chair."""

    chair = forms.ModelChoiceField(label=_("Chair"), queryset=Chair.objects.all())


def _number(label: Any, low: float, high: float) -> NumberField:
    # The number pad of a phone has no minus.
    keyboard = "text" if low < 0 else "decimal"
    widget = forms.TextInput(attrs={"inputmode": keyboard, "autocomplete": "off", "size": "5"})
    return NumberField(label=label, required=False, min_value=low, max_value=high, widget=widget)


def _add_words(fields: dict[str, Any], confirmed: str) -> None:
    """Keep what was confirmed in the words of the step."""
    fields["says"] = "; ".join(filter(None, [fields.get("says", ""), confirmed]))[:LONGEST_WORDS]
