"""Eight chairs on one full-HD screen, each with as much to say as there can be: nothing scrolls, and it is read from four metres."""

from types import SimpleNamespace as Plain

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from tests.browser.conftest import SHOTS
from tests.browser.test_every_page import violations
from tests.builders import AT

from openketamine.clinic.chart.board import Seat
from openketamine.clinic.chart.wall import Need, Place, columns
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.monitoring.alarms import Standing
from openketamine.clinic.monitoring.models import AlarmEvent, Chair

LARGE_PX = 39
"""Capitals of 18 mm on a screen of 55 inches: 15 minutes of arc at four metres, three times the letters that 20/20 vision just reads."""
STYLES = ("openketamine", "board", "chair")


def place(number):
    """A chair with an urgent alarm, a check overdue, a signal left out and a similar name; on every other one somebody asks."""
    event = AlarmEvent(
        priority="urgent", reason="systolic pressure above 180 mmHg again, second reading", at=AT, value=212.0
    )
    seat = Seat(
        Chair(pk=number, name=f"Chair {number}"), Infusion(nurse="nils"), phase="recovering", minute=123.0, due="check overdue 12 min",
        late=True, worst=Standing(event, "", None, None, "", AT), alarms=3, alike="Chair 3, Chair 5", left_out="SpO2",
    )  # fmt: skip
    return Place(seat, "the person asks for somebody" if number % 2 else "", Need.NOW, "Konstantin W.")


def wall(chairs):
    places = [place(number) for number in range(1, chairs + 1)]
    user = Plain(is_authenticated=True, username="nils", role="nurse", get_role_display="Nurse")
    clinic = Plain(is_demo=True, clock_rate=10.0, demo_rate=10.0)
    context = {
        "places": places, "columns": columns(chairs), "user": user, "clinic": clinic, "clinic_time": "", "time_zone": "UTC", "csrf_token": "", "messages": [],
    }  # fmt: skip
    return render_to_string("chart/wall.html", context)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_eight_chairs_fit_on_one_screen_and_what_matters_is_large(chromium, scheme):
    html = wall(8)
    page = chromium.new_page(viewport={"width": 1920, "height": 1080}, color_scheme=scheme)
    page.route("**/*", lambda route: route.abort())
    page.set_content(html)
    for name in STYLES:
        page.add_style_tag(path=finders.find(f"ui/{name}.css"))

    page.screenshot(path=f"{SHOTS}/wall {scheme}.png") if SHOTS else None
    assert page.locator("article.place").count() == 8
    scrolls = "one => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1"
    assert page.evaluate(f"({scrolls})(document.documentElement)") is False
    assert page.eval_on_selector_all("article.place", f"all => all.filter({scrolls}).length") == 0
    for kind in ("phase", "due", "asks", "flag"):
        size = f"document.querySelector('.place .{kind}')"
        assert page.evaluate(f"parseFloat(getComputedStyle({size}).fontSize)") >= LARGE_PX
    assert violations(page) == []
    page.close()
