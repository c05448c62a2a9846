"""One person from the referral to the finding that holds the next infusion, in one unbroken way through the screens.

Everything is clicked and typed; only the monitor beside the chair speaks HL7 of its own, and the clinic's clock is set forward
between two moments, since nobody watches a test for two hours.
"""

import io
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from pypdf import PdfReader
from tests.browser.conftest import Desk, seen
from tests.browser.monitor import BedsideMonitor
from tests.browser.prescriber import Hand, decided, planned_and_ordered, referred
from tests.processes import Clinic, wait_until

CHAIR = "Chair 6"
PERSON = "Rosa Demo-Rowan"
A_DAY_MIN = 24 * 60
A_SECOND_MS = 1100
"""The monitor tells whole seconds; what it measured in the second of its acceptance was before it."""


@pytest.fixture(scope="module")
def slow_demo(tmp_path_factory):
    """A demo clinic in real time: its clock is set forward by hand."""
    with Clinic(tmp_path_factory.mktemp("whole-way")) as clinic:
        clinic.stop()
        clinic.start("--speed", "1")
        yield clinic


class Walk:
    """Who walks: a prescriber, a nurse, the monitor of the chair, a hand on the clock."""

    def __init__(self, browser, clinic):
        self.browser, self.clinic = browser, clinic
        self.prescriber, self.nurse = Desk(browser, clinic, "ada"), Desk(browser, clinic, "nils")
        self.monitor = BedsideMonitor("BED-6", clinic.port_of("listen"))
        self.page = self.nurse.page

    def said(self):
        return " ".join(self.page.locator("main").inner_text().split())

    def shows(self, words):
        self.page.get_by_text(words).first.wait_for()

    def press(self, name):
        """Press a button, which may name its value too, and wait until the page it leads to stands."""
        self.page.evaluate("window.pressedHere = true")
        self.page.get_by_role("button", name=re.compile(f"^{re.escape(name)}( (to|with) .*)?$")).first.click()
        self.page.wait_for_function("() => !window.pressedHere")
        self.nurse.settled()

    def phone(self):
        """Return a page of the person's own phone, which is signed in to nothing."""
        return self.browser.new_context(viewport={"width": 390, "height": 844}).new_page()

    def within(self, text):
        """Return the form that holds a button of this text."""
        return self.page.locator("form", has=self.page.get_by_role("button", name=text, exact=True)).first

    def unfold(self, words):
        """Open what is folded under a line, unless it is open."""
        folded = self.page.locator("details:not([open])", has=self.page.get_by_text(words, exact=True)).first
        if folded.count():
            folded.locator("summary").first.click()

    def password(self, username):
        """Return what the terminal said at the start."""
        return re.search(rf"{username}\s+(\S+)", self.clinic.said)[1]

    def later(self, minutes):
        """Set the clinic's clock forward; every process reads the same row, the worker at its next round."""
        with closing(sqlite3.connect(self.clinic.home / "clinic.sqlite3", timeout=20)) as opened, opened:
            (origin,) = opened.execute("SELECT clock_origin FROM people_clinic").fetchone()
            moved = datetime.fromisoformat(origin) + timedelta(minutes=minutes)
            opened.execute("UPDATE people_clinic SET clock_origin = ?", (moved.isoformat(sep=" "),))
        for _round in range(2):
            last = self.heartbeat()
            wait_until(lambda last=last: self.heartbeat() != last, 60)

    def heartbeat(self):
        """Return when the worker last said that it evaluates."""
        with closing(sqlite3.connect(self.clinic.home / "clinic.sqlite3", timeout=20)) as opened:
            return opened.execute("SELECT tick_at FROM monitoring_pulse").fetchone()

    def now(self):
        """Return what the clinic's clock shows."""
        with closing(sqlite3.connect(self.clinic.home / "clinic.sqlite3", timeout=20)) as opened:
            origin, wall, rate = opened.execute(
                "SELECT clock_origin, clock_wall, clock_rate FROM people_clinic"
            ).fetchone()
        begun, shown = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (wall, origin))
        return shown + rate * (datetime.now(UTC) - begun)

    def measured(self, **values):
        assert self.monitor.say(self.now(), **values)

    def at_the_chair(self):
        self.nurse.go("/")
        seat = self.page.locator("article.seat", has=self.page.get_by_role("heading", name=CHAIR, exact=True))
        seat.locator("a[href^='/infusion/']").first.click()
        self.page.wait_for_selector("#live")


@pytest.fixture
def walk(chromium, slow_demo):
    one = Walk(chromium, slow_demo)
    yield one
    complaints = one.prescriber.complaints + one.nurse.complaints
    one.prescriber.close()
    one.nurse.close()
    assert complaints == []


def referred_decided_planned_and_ordered(walk):
    hand = Hand(walk.prescriber.page)
    referred(hand)
    decided(hand)
    planned_and_ordered(hand, in_days=0)


def consent_is_signed_on_the_persons_own_phone(walk):
    page = walk.prescriber.page
    page.get_by_role("link", name=PERSON).first.click()
    page.get_by_role("link", name="Candidacy", exact=True).click()
    page.get_by_role("link", name="Deciding together, consent").click()
    page.get_by_role("button", name="Release this page to the patient").click()
    link = page.locator("code").first.inner_text()
    phone = walk.phone()
    phone.goto(link)
    phone.get_by_label("Your name, as your signature").fill(PERSON)
    for box in phone.locator("form input[type=checkbox]").all():
        box.check()
    phone.get_by_role("button", name="Sign", exact=True).click()
    phone.get_by_text("You signed this on").wait_for()
    phone.context.close()


def seated(walk):
    walk.nurse.go("/")
    walk.page.get_by_role("link", name="Patients", exact=True).click()
    walk.page.get_by_role("link", name=PERSON).first.click()
    walk.page.get_by_role("link", name="Plan", exact=True).click()
    walk.page.get_by_label("Chair").select_option(label=CHAIR)
    walk.press("Open the session")
    walk.shows("arrived")


def the_monitor_is_accepted_onto_the_chair(walk):
    """Its first reading is compared with the person before it charts to anybody."""
    walk.measured(heart_rate=71, spo2=98, respiratory_rate=14)
    walk.page.get_by_role("link", name="Devices", exact=True).click()
    row = walk.page.locator("tr", has_text="BED-6")
    wait_until(lambda: walk.page.reload() and row.count() == 1, 30)
    row.get_by_role("combobox").select_option(label=CHAIR)
    with walk.page.expect_navigation():
        row.get_by_role("button", name="Record").click()
    walk.at_the_chair()
    walk.page.wait_for_timeout(A_SECOND_MS)
    walk.measured(heart_rate=71, spo2=98, respiratory_rate=14, nibp_systolic=128, nibp_diastolic=78)
    walk.page.locator("[data-signal=nibp_systolic] .value:has-text('128/78')").wait_for()


def the_questions_before_the_start(walk):
    walk.unfold("Questions")
    for item in walk.page.locator(".gate li").all():
        name, born, yes = (item.locator(f"input{kind}") for kind in ("[name$=_name]", "[type=date]", "[value=yes]"))
        if born.count():
            born.fill("1979-05-17")
        if name.count():
            name.fill(PERSON if born.count() else "Nils Example")
        elif yes.count():
            yes.check()
    walk.press("Record the answers")
    walk.page.get_by_role("link", name="Chair: ready today?").click()
    for box in walk.page.locator("main input[type=checkbox]").all():
        box.check()
    walk.page.get_by_label("Dedicated observer").fill("Nils Example")
    walk.page.get_by_label("Clinician trained").fill("Ada Example")
    walk.press("Record: chair gone through")


def the_drug_is_drawn_by_two(walk):
    walk.page.get_by_text("Drug drawn", exact=True).click()
    form = walk.within("Record: drawn")
    form.get_by_label("Milligrams").fill("35")
    form.get_by_label("Second person").select_option(label="Ada Example")
    form.get_by_label("Their password").fill(walk.password("ada"))
    form.get_by_label("Vial").select_option(index=1)
    walk.press("Record: drawn")
    form = walk.within("Record: line primed")
    form.get_by_label("Line volume, mL").fill("15")
    walk.press("Record: line primed")


def started(walk):
    walk.press("Record: ready")
    form = walk.within("Record: infusion started")
    form.get_by_role("textbox").first.fill("150")
    walk.press("Record: infusion started")
    walk.shows("infusing")


def pressure_rises_on_two_readings_and_somebody_answers(walk):
    walk.later(10)
    walk.measured(heart_rate=92, spo2=97, respiratory_rate=15, nibp_systolic=184, nibp_diastolic=100)
    walk.shows("recheck due in")
    walk.later(5)
    walk.measured(heart_rate=94, spo2=97, respiratory_rate=15, nibp_systolic=186, nibp_diastolic=101)
    urgent = walk.page.locator(".alarm.urgent").first
    urgent.wait_for()
    urgent.get_by_role("button", name="Acknowledge").click()
    walk.page.wait_for_selector(".alarm.urgent.answered")


def a_pause_a_drug_an_observation_a_slower_rate(walk):
    walk.press("Record: pump paused")
    walk.shows("paused")
    walk.unfold("Rescue drugs: options and sources")
    option = walk.page.locator(".options li", has=walk.page.get_by_text("labetalol")).first
    option.locator("[name=dose]").fill("10 mg i.v.")
    option.get_by_role("button", name="Record: given").click()
    walk.later(4)
    walk.measured(heart_rate=84, spo2=97, respiratory_rate=14, nibp_systolic=152, nibp_diastolic=84)
    form = walk.within("Record: pump resumed")
    form.get_by_role("textbox").first.fill("100")
    walk.press("Record: pump resumed")
    walk.shows("infusing")
    walk.unfold("Dissociation")
    walk.press("Dissociation 6")
    walk.later(8)
    form = walk.within("Record: pump set")
    form.get_by_role("textbox").first.fill("90")
    walk.press("Record: pump set")


def ended_and_the_rest_is_wasted(walk):
    walk.later(12)
    walk.measured(heart_rate=78, spo2=98, respiratory_rate=14, nibp_systolic=140, nibp_diastolic=80)
    walk.press("Record: infusion ended")
    walk.shows("recovering")


def recovered_and_taken_home(walk):
    walk.later(155)
    walk.measured(heart_rate=72, spo2=98, respiratory_rate=14, nibp_systolic=130, nibp_diastolic=79)
    walk.page.get_by_text("Type a check", exact=True).click()
    for name, value in {
        "heart_rate": 72,
        "spo2": 98,
        "respiratory_rate": 14,
        "moaas": 5,
        "distress": 0,
        "nausea": 0,
    }.items():
        walk.page.locator(f".check-sheet [name={name}]").fill(str(value))
    walk.page.locator(".check-sheet [name=oxygen]").select_option(index=1)
    with walk.page.expect_navigation():
        walk.press("Record the check")
    walk.page.wait_for_selector("#recovery .criteria")
    open_criteria = walk.page.locator(".criteria li:not(.met) form")
    for _ in range(open_criteria.count()):
        with walk.page.expect_navigation():
            open_criteria.first.get_by_role("button").first.click()
        walk.page.wait_for_selector("#recovery .criteria")
    scored(walk)
    walk.page.get_by_label("Who takes the person home").fill("Escort Example")
    walk.press("Record: the person leaves")


def scored(walk):
    """The recovery score, item by item."""
    walk.unfold("Score Modified Aldrete: recovery")
    form = walk.within("Record: Modified Aldrete: recovery")
    for best in form.locator("label:has([value='2'])").all():
        best.click()
    walk.press("Record: Modified Aldrete: recovery")


def what_is_left_is_wasted_before_a_witness(walk):
    walk.shows("35.0 mg drawn = ")
    left = re.search(r"([\d.]+) mg unaccounted", walk.said())[1]
    walk.unfold("Drug wasted")
    form = walk.within("Record: wasted before a witness")
    form.get_by_label("Milligrams").fill(left)
    form.get_by_label("Second person").select_option(label="Ada Example")
    form.get_by_label("Their password").fill(walk.password("ada"))
    walk.press("Record: wasted before a witness")
    walk.shows("0.0 mg unaccounted")


def signed_and_on_paper(walk):
    """The paper says what the rows say, to the last one: what does not fit on the one page is counted there and stands in the appendix."""
    walk.page.wait_for_selector("#recovery .criteria")
    walk.press("Sign and lock the record")
    walk.shows("Signed and locked")
    words, appendix = read_on_paper(walk, "One-page record (PDF)"), read_on_paper(walk, "Appendix: every row (PDF)")
    balance = re.search(r"35.0 mg drawn = [\d.]+ mg given \+ [\d.]+ mg wasted \+ 0.0 mg unaccounted", walk.said())[0]
    assert balance in words
    times = walk.page.locator("[id^=event-] time").all_inner_texts()
    assert len(times) >= len(("ready", "started", "paused", "given", "resumed", "set", "stopped", "left", "signed"))
    _signing, *before = times
    assert [time for time in before if time not in appendix] == []
    cut = re.search(r"the first (\d+) of \d+ events; all of them in the appendix", words)
    shown = before[::-1][: int(cut[1])] if cut else before
    assert [time for time in shown if time not in words] == []
    assert "Signed and locked by nils" in words


def read_on_paper(walk, name):
    """Return the words of a paper that the page links to."""
    address = walk.page.get_by_role("link", name=name).get_attribute("href")
    paper = PdfReader(io.BytesIO(walk.nurse.context.request.get(walk.clinic.address + address).body()))
    return " ".join(" ".join(page.extract_text() for page in paper.pages).split())


def the_next_day_the_person_answers_from_a_phone(walk):
    """A red flag becomes a task with an owner."""
    walk.later(A_DAY_MIN)
    walk.page.get_by_role("link", name="course", exact=True).click()
    phone = walk.phone()
    phone.goto(walk.page.locator("code").first.inner_text())
    for question, answer in {
        "nausea": 1,
        "dizziness": 0,
        "concentration": 1,
        "mood": 0,
        "ending_life": 0,
        "chest": 1,
    }.items():
        phone.locator(f"[name=q_{question}][value='{answer}']").check()
    phone.get_by_role("button", name="Send my answers").click()
    phone.wait_for_url("**/thanks/")
    phone.context.close()
    walk.page.reload()
    walk.shows("answered")
    walk.page.get_by_role("link", name=PERSON).first.click()
    walk.shows("a clinician phones today (Prescriber,")


def a_score_on_the_course_page(walk):
    walk.page.get_by_role("link", name="Course", exact=True).click()
    walk.page.get_by_role("link", name="Answer: PHQ-9").click()
    for question in walk.page.locator("form.questions fieldset").all():
        question.locator("input[value='1']").check()
    walk.press("Record the answers")
    row = walk.page.locator("tr", has_text="PHQ-9").first.inner_text()
    assert "9 mild" in row
    assert "taken after the first infusion" in row


def a_bad_urinary_screen_holds_the_next_infusion(walk):
    walk.page.get_by_role("link", name=PERSON).first.click()
    walk.page.get_by_role("link", name="Long-term safety").click()
    for question in walk.page.locator("form.questions fieldset").all():
        question.locator("input").last.check()
    walk.press("Record the screen")
    walk.shows("Holds the next infusion until a clinician resolves it.")


def until_a_clinician_resolves_it_no_session_opens(walk):
    desk = walk.prescriber
    desk.go("/")
    desk.page.get_by_role("link", name="Patients", exact=True).click()
    desk.page.get_by_role("link", name=PERSON).first.click()
    desk.page.get_by_role("link", name="Plan", exact=True).click()
    desk.page.get_by_text("Held: no session can be started").wait_for()
    assert desk.page.get_by_role("button", name="Open the session").count() == 0
    desk.page.get_by_label("Reason", exact=True).first.fill(
        "Seen today: urine culture sent, no infection; see the letter"
    )
    desk.press("Record: resolved")
    desk.settled()
    assert desk.page.get_by_text("Held: no session can be started").count() == 0


WAY = (
    referred_decided_planned_and_ordered, consent_is_signed_on_the_persons_own_phone, seated, the_monitor_is_accepted_onto_the_chair, the_questions_before_the_start,
    the_drug_is_drawn_by_two, started, pressure_rises_on_two_readings_and_somebody_answers, a_pause_a_drug_an_observation_a_slower_rate,
    ended_and_the_rest_is_wasted, recovered_and_taken_home, what_is_left_is_wasted_before_a_witness, signed_and_on_paper,
    the_next_day_the_person_answers_from_a_phone, a_score_on_the_course_page, a_bad_urinary_screen_holds_the_next_infusion,
    until_a_clinician_resolves_it_no_session_opens,
)  # fmt: skip


def test_one_person_from_the_referral_to_the_finding_that_holds_the_next_infusion(walk):
    for number, step in enumerate(WAY, start=1):
        step(walk)
        seen(walk.page, f"{number:02} {step.__name__}")
