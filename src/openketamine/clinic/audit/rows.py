"""Every row of one patient, found by the foreign keys that lead to the patient, so that a new table is never forgotten.

A table that no foreign key ties to a patient is tied by name in `BY_TEXT`, or is named in `OF_THE_CLINIC`; a test refuses any other.
"""

from collections import deque
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Field, ForeignKey, Model

PATIENT = "people.patient"
BY_TEXT = {
    "ledger.row": ("session", "infusion.infusion", "reference"),
    "audit.entry": ("patient", PATIENT, "reference"),
}
"""Table: its column, and the table and column that it names."""
OF_THE_CLINIC = frozenset({
    "audit.evidencetext",
    "candidacy.minimumdose",
    "candidacy.overridepolicy",
    "candidacy.validity",
    "candidacy.protocolstanding",
    "infusion.chairreadiness",
    "instruments.licensedwords",
    "ledger.count",
    "ledger.vial",
    "monitoring.chair",
    "monitoring.cliniclimits",
    "monitoring.device",
    "monitoring.deviceonchair",
    "monitoring.notcharted",
    "monitoring.pulse",
    "monitoring.soundplaces",
    "monitoring.toneheard",
    "people.clinic",
    "people.signinfailure",
    "people.staff",
    "people.switchsigned",
    "plan.calendarfeed",
    "plan.clinicregimen",
    "plan.workinghours",
})  # fmt: skip
READ_AS = {"monitoring.storedreading": "monitoring.reading", "monitoring.streamreading": "monitoring.reading"}
"""Tables whose rows are exported as the rows of a view."""
SECRET = frozenset({"token"})
"""Columns that open a door; they are left out of every export."""
ABOUT_EXPORTS = "record exported"


def label(model: type[Model]) -> str:
    """Return the name of a table, as in `people.patient`."""
    return str(model._meta.label_lower)


def models() -> list[type[Model]]:
    """Return our own tables by name; a table that is read through a view is that view."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("openketamine.")]
    return sorted((model for model in ours if label(model) not in READ_AS), key=label)


@cache
def paths() -> dict[str, str]:
    """Return for each table the shortest way over foreign keys to the patient, as Django writes it; the patient's own is empty."""
    found, waiting = {PATIENT: ""}, deque([PATIENT])
    while waiting:
        target = waiting.popleft()
        for model in models():
            for field in model._meta.get_fields():
                if isinstance(field, ForeignKey) and label(field.related_model) == target and label(model) not in found:
                    found[label(model)] = f"{field.name}__{found[target]}".rstrip("_")
                    waiting.append(label(model))
    return found


def rows(patient: Any) -> Iterator[Model]:
    """Yield every row of a patient, table by table, each in the order in which it was written; then what those rows name."""
    seen: dict[str, set[Any]] = {}
    for model in models():
        for row in _of(model, patient):
            for name, key in _named(row):
                seen.setdefault(name, set()).add(key)
            yield row
    for name in sorted(seen):
        yield from apps.get_model(name)._default_manager.filter(pk__in=seen[name]).order_by("pk")


def columns(model: type[Model]) -> list["Field[Any, Any]"]:
    """Return the columns of a table that an export holds."""
    return [field for field in model._meta.concrete_fields if field.name not in SECRET]


def _of(model: type[Model], patient: Any) -> Any:
    name, manager = label(model), model._default_manager
    if name == PATIENT:
        return [patient]
    if name in BY_TEXT:
        column, target, named = BY_TEXT[name]
        values = [getattr(row, named) for row in _of(apps.get_model(target), patient)]
        found = manager.filter(**{f"{column}__in": values})
        return (found.exclude(action=ABOUT_EXPORTS) if name == "audit.entry" else found).order_by("pk")
    return manager.filter(**{paths()[name]: patient}).order_by("pk") if name in paths() else ()


def _named(row: Model) -> Iterator[tuple[str, Any]]:
    """Yield table and key of each row of the clinic that a patient's row names: chair, device, vial."""
    for field in row._meta.concrete_fields:
        if isinstance(field, ForeignKey) and label(field.related_model) in OF_THE_CLINIC - {"people.staff"}:
            key = getattr(row, field.attname)
            if key is not None:
                yield label(field.related_model), key
