"""The picture of an answer of `simulate` (extra `plot`): each output with its band, its site, its model and its sources."""

from pathlib import Path
from typing import Any

from openketamine.site.commands.io import BadInput

KINDS = (".png", ".svg")
UNITS = {"_ng_per_ml": "ng/mL", "_mmhg": "mmHg", "_per_min": "/min"}
ROW_IN, WIDTH_IN = 2.6, 7.5
METADATA: dict[str, dict[str, Any]] = {".svg": {"Date": None}, ".png": {"Software": None}}


def path(text: str) -> Path:
    """Read the name of the picture; raises ArgumentTypeError for another kind."""
    from argparse import ArgumentTypeError

    if Path(text).suffix not in KINDS:
        raise ArgumentTypeError(f"{text}: must end in .png or .svg")
    return Path(text)


def draw(answer: dict[str, Any], file: Path) -> None:
    """Write the picture; raises BadInput without the extra, or where it cannot be written."""
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise BadInput("--plot: needs the extra `plot`: pip install 'openketamine[plot]'") from error
    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "openketamine"
    figure = _figure(answer)
    try:
        figure.savefig(file, metadata=METADATA[file.suffix])
    except OSError as error:
        raise BadInput(f"--plot = {str(file)!r}: cannot be written ({error.strerror})") from error


def _figure(answer: dict[str, Any]) -> Any:
    from matplotlib.figure import Figure

    names = list(answer["outputs"])
    figure = Figure(figsize=(WIDTH_IN, ROW_IN * len(names) + 1.2), layout="constrained")
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    for panel, name in zip(panels, names, strict=True):
        _panel(panel, answer, name)
    panels[-1].set_xlabel("minutes")
    figure.suptitle(
        f"Model estimate: {answer['model']} (sampling site: {answer['sampling_site'].replace('_', ' ')})", fontsize=10
    )
    notes = [f"{row['code'].replace('_', ' ')}: {row['message']}" for row in [*answer["warnings"], *answer["notes"]]]
    notes.append(_marked(answer["marks"]))
    figure.supxlabel(
        "\n".join(_wrapped([*notes, *(row["citation"] for row in answer["references"])])), fontsize=6, ha="left", x=0.02
    )
    return figure


def _panel(panel: Any, answer: dict[str, Any], name: str) -> None:
    order = sorted(range(len(answer["times_min"])), key=answer["times_min"].__getitem__)
    times = [answer["times_min"][i] for i in order]
    band = answer["bands"].get(name)
    if band:
        low, high = ([band[q][i] for i in order] for q in ("p05", "p95"))
        panel.fill_between(times, low, high, alpha=0.25, linewidth=0, label="5 to 95 % of simulated people")
    panel.plot(times, [answer["outputs"][name][i] for i in order], label="typical person")
    unit = next((unit for ending, unit in UNITS.items() if name.endswith(ending)), "")
    words = name.removesuffix(next((ending for ending in UNITS if name.endswith(ending)), "")).replace("_", " ")
    panel.set_ylabel("\n".join(filter(None, (words, _site(answer, name), unit))), fontsize=8)
    panel.legend(fontsize=7, frameon=False)


def _site(answer: dict[str, Any], name: str) -> str:
    site = answer["sites"].get(name)
    return f"sampling site: {site.replace('_', ' ')}" if site else ""


def _marked(marks: dict[str, Any]) -> str:
    counts = ", ".join(f"{count} {mark}" for mark, count in marks.items() if isinstance(count, int))
    assumed = "; ".join(marks["assumed_values"]) or "none"
    return f"numbers used: {counts}. Assumed: {assumed}. Read them in {marks['read_them_in']}"


def _wrapped(lines: list[str]) -> list[str]:
    from textwrap import wrap

    return [part for line in lines for part in wrap(line, 130)]
