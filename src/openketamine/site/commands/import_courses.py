"""`import-courses FILE|- --by NAME`: take in patients who are in the middle of a course, from a CSV table; all rows or none."""

from dataclasses import asdict

from openketamine.site.commands.arguments import Arguments
from openketamine.site.commands.django_setup import setup
from openketamine.site.commands.io import BadInput, print_json, read_bytes


def run(argv: list[str]) -> int:
    """Read one table and record every row."""
    parser = Arguments("import-courses")
    parser.add_argument("file", metavar="FILE|-")
    parser.add_argument("--by", required=True, help="the prescriber who signs the courses")
    parser.add_argument("--home", default="")
    parser.add_argument("--db", default="")
    options = parser.parse_args(argv)
    text = read_bytes(options.file).decode("utf-8-sig")
    setup(options.home, options.db)
    from openketamine.clinic.people.models import Role, Staff
    from openketamine.clinic.plan import mid_course
    from openketamine.site import clock

    if not Staff.objects.filter(username=options.by, is_active=True, role=Role.PRESCRIBER).exists():
        raise BadInput(f"--by = {options.by!r}: no prescriber of that name works here")
    try:
        for one in mid_course.take_in(text, by=options.by, at=clock.clinic_time()):
            print_json(asdict(one))
    except mid_course.TableError as error:
        raise BadInput(f"{options.file}: {error}") from error
    return 0
