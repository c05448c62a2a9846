"""`score INSTRUMENT ANSWERS.json`: the score of a questionnaire, its band, what is missing, what is flagged."""

from openketamine.core.instruments.questionnaire import Questionnaire
from openketamine.core.instruments.scoring import AnswerError, score
from openketamine.evidence import load
from openketamine.evidence.questionnaires import questionnaire, questionnaire_ids
from openketamine.site.commands.arguments import Arguments
from openketamine.site.commands.io import BadInput, only_keys, print_json, read_json


def run(argv: list[str]) -> int:
    """Score one set of answers."""
    parser = Arguments("score")
    parser.add_argument("instrument")
    parser.add_argument("answers", metavar="ANSWERS.json|-")
    options = parser.parse_args(argv)
    if options.instrument not in questionnaire_ids():
        raise BadInput(f"INSTRUMENT = {options.instrument!r}: must be one of {', '.join(questionnaire_ids())}")
    body = read_json(options.answers)
    only_keys(body, {"answers"})
    if not isinstance(body.get("answers"), dict):
        raise BadInput("answers: must be an object of item and value")
    print_json(scored(questionnaire(options.instrument), body["answers"]))
    return 0


def scored(wanted: Questionnaire, answers: dict[str, int]) -> dict[str, object]:
    """Return the result as its JSON line; raises BadInput for an answer that cannot be."""
    for item, value in answers.items():
        if not isinstance(value, int):
            raise BadInput(f"answers.{item} = {str(value)[:60]!r}: must be a whole number")
    try:
        found = score(wanted, answers)
    except AnswerError as error:
        raise BadInput(str(error)) from error
    known = load.sources()
    return {
        "instrument": wanted.id, "score": found.score, "band": found.band, "missing": list(found.missing),
        "flags": [flag.id for flag in found.flags],
        "references": [{"id": name, "citation": known[name].citation, "doi": known[name].doi} for name in wanted.sources],
    }  # fmt: skip
