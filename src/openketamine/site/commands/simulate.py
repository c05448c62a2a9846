"""`simulate FILE|- [--plot FILE.png|svg] [--cluster ADDRESS]`: predicted levels and effects of given doses, as one JSON object."""

from typing import Any

import numpy as np

from openketamine.core.pharmacology.bands import Asked, Map, bands
from openketamine.core.pharmacology.model import Floats
from openketamine.core.pharmacology.population import typical
from openketamine.site.commands import cluster, simulate_flags, simulate_plot
from openketamine.site.commands.arguments import Arguments
from openketamine.site.commands.io import print_json, read_json
from openketamine.site.commands.simulate_notes import marks, notes, references, warnings
from openketamine.site.commands.simulate_request import MINUTES, Request, checked


def run(argv: list[str]) -> int:
    """Answer one request."""
    parser = Arguments("simulate")
    parser.add_argument("file", metavar="FILE|-")
    parser.add_argument("--plot", metavar="FILE.png|svg", type=simulate_plot.path)
    parser.add_argument("--cluster", metavar="ADDRESS", help="a Dask scheduler that computes the population")
    options = parser.parse_args(argv)
    request = checked(read_json(options.file))
    with cluster.mapping(options.cluster) as mapping:
        found = answer(request, mapping)
    if options.plot:
        simulate_plot.draw(found, options.plot)
    print_json(found)
    return 0


def answer(request: Request, mapping: Map = map) -> dict[str, Any]:
    """Return the answer to a checked request; `mapping` computes the chunks of a population."""
    times_h = np.array(request.times_min) / MINUTES
    model = request.subject.model
    lines = request.subject.outputs(typical(request.subject), request.doses, times_h)
    wanted = (*model.output_names, *request.asked_effects)
    occupancy = simulate_flags.occupancy(request, lines[model.output][0])
    return {
        "model": model.id,
        "sampling_site": model.sampling_site.value,
        "times_min": list(request.times_min),
        "outputs": {name: lines[name][0].tolist() for name in wanted} | occupancy,
        "bands": _bands(request, times_h, wanted, mapping),
        "warnings": warnings(request),
        "references": references(request),
        "notes": notes(request),
        "sites": {name: site.value for name, site in model.sites.items()},
        "marks": marks(request),
    }


def _bands(request: Request, times_h: Floats, wanted: tuple[str, ...], mapping: Map) -> dict[str, Any]:
    if not request.people:
        return {}
    found = bands(Asked(request.subject, request.doses, times_h, wanted, request.people, request.seed), mapping)
    return {name: {q: line.tolist() for q, line in rows.items()} for name, rows in found.items()}
