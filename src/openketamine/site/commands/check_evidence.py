"""`check-evidence`: every number cites a known source, every file is read by its reader, every worked example holds."""

from collections.abc import Callable
from typing import Any

from openketamine.evidence import (
    alarm_limits,
    chairs,
    effects,
    interactions,
    leaflet,
    learn,
    load,
    measured,
    mechanisms,
    medicines,
    pharmacology,
    protocols,
    questionnaires,
    regimen,
    response,
    treatments,
    virtual_patients,
)
from openketamine.site.commands.arguments import Arguments
from openketamine.site.commands.io import print_json

KINDS = (
    "pk_models",
    "pk_links",
    "effects",
    "effect_flags",
    "scatter",
    "response",
    "mechanisms",
    "interactions",
    "body_weights",
    "learn",
    "protocols",
    "regimens",
    "sessions",
    "instruments",
    "treatments",
    "medicines",
    "measured",
    "leaflets",
    "limits",
    "chairs",
    "teaching",
)
READERS: dict[str, Callable[[str], object]] = {
    "pk_models": pharmacology.pk_model,
    "pk_links": pharmacology.pk_link,
    "effects": effects.effect,
    "effect_flags": effects.checked_flag,
    "scatter": effects.scatter,
    "response": response.checked,
    "mechanisms": mechanisms.hypotheses,
    "interactions": interactions.interactions,
    "body_weights": interactions.ideal_weight,
    "learn": learn.page,
    "protocols": protocols.checked,
    "regimens": regimen.regimen,
    "instruments": questionnaires.checked,
    "treatments": treatments.classes,
    "medicines": medicines.interactions,
    "measured": measured.measured,
    "leaflets": leaflet.leaflet,
    "chairs": chairs.checked,
    "teaching": virtual_patients.virtual_patient,
}


def run(argv: list[str]) -> int:
    """Print one line per fault and a closing count; exit 1 when there is a fault."""
    Arguments("check-evidence").parse_args(argv)
    files = [(kind, name) for kind in KINDS for name in load.names(kind)]
    faults = [fault for kind, name in files for fault in faults_of(kind, name)]
    for fault in faults:
        print_json({"fault": fault})
    print_json({"files": len(files), "faults": len(faults)})
    return 1 if faults else 0


def faults_of(kind: str, name: str) -> list[str]:
    """Return what is wrong with one evidence file."""
    where = f"{kind}/{name}.toml"
    try:
        row = load.table(kind, name)
        if kind in READERS:
            READERS[kind](name)
        if kind == "limits" and "limit" in row:
            alarm_limits.alarm_rules(name)
    except (ValueError, KeyError) as error:
        return [f"{where}: {error}"]
    found = row.get("part", {}).get(name, row).get("id")
    own_name = [] if found == name else [f"{where}: id {found!r} is not the file's name"]
    return own_name + uncited(row, where)


def uncited(row: Any, where: str) -> list[str]:
    """Return the places where a number stands without a citation of a known source."""
    if isinstance(row, list):
        return [fault for i, item in enumerate(row) for fault in uncited(item, f"{where}[{i}]")]
    if not isinstance(row, dict):
        return []
    faults = [fault for key, item in row.items() for fault in uncited(item, f"{where} {key}")]
    if "value" in row:
        try:
            load.citations(row.get("cite"), where)
        except load.EvidenceError as error:
            faults.append(str(error))
    return faults
