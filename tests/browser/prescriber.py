"""A prescriber's way from a referral to a signed order, by links and buttons alone; every click and key is counted.

Minutes are a keystroke-level estimate with the operators of Card, Moran and Newell as generally known (0.28 s a key, 1.1 s to point,
0.2 s to click, 1.35 s to think before each field), named so; nobody was timed.
"""

from datetime import UTC, datetime, timedelta

KEY_S, POINT_S, CLICK_S, THINK_S = 0.28, 1.1, 0.2, 1.35
DAY = "%m%d%Y"
"""How Chromium's date field takes a day from the keyboard."""


class Hand:
    """A prescriber's hand on one page: what it clicks and types is counted."""

    def __init__(self, page):
        self.page, self.clicks, self.keys, self.fields = page, 0, 0, 0

    def click(self, target):
        target.click()
        self.clicks += 1

    def link(self, name, *, exact=True):
        self.click(self.page.get_by_role("link", name=name, exact=exact).first)

    def button(self, name):
        self.click(self.page.get_by_role("button", name=name, exact=True).first)

    def type(self, target, text):
        self.click(target)
        assert target.input_value() == "" or target.evaluate("node => node.type") == "date", "a field was filled before"
        target.press_sequentially(text)
        self.keys += len(text)
        self.fields += 1

    def choose(self, target, value):
        target.select_option(value)
        self.clicks += 2
        self.fields += 1

    def seconds(self):
        """Return the keystroke-level estimate."""
        return self.keys * KEY_S + self.clicks * (POINT_S + CLICK_S) + self.fields * THINK_S

    def told(self):
        return f"{self.clicks} clicks, {self.keys} keys, {self.fields} fields: {self.seconds() / 60:.1f} min by keystroke-level estimate"


def today():
    return datetime.now(UTC).date()


def field(page, name):
    return page.locator(f"[name={name}]").first


def date(hand, name, day):
    """Type a date as Chromium's field takes it: month, day, year."""
    target = field(hand.page, name)
    hand.click(target)
    hand.page.keyboard.type(day)
    hand.keys += len(day)
    hand.fields += 1


def referred(hand):
    hand.link("Refer")
    hand.type(field(hand.page, "given_name"), "Rosa")
    hand.type(field(hand.page, "family_name"), "Demo-Rowan")
    date(hand, "born_on", "05171979")
    hand.choose(field(hand.page, "sex"), "female")
    hand.type(field(hand.page, "referred_for"), "treatment-resistant depression")
    hand.button("Record the referral")


ANSWERS = {
    "pregnancy_or_breastfeeding_possible": "no", "diagnosis": "mdd_without_psychosis", "resting_systolic": "128",
    "resting_diastolic": "78", "hepatic_impairment": "none", "has_capacity": "yes", "current_psychosis": "no",
    "primary_psychotic_disorder": "no",
}  # fmt: skip


def answered(hand, one):
    """Answer one question of those that are asked first; what this journey has no answer for is left open."""
    first = one.locator("input, select").first
    name, kind = first.get_attribute("name"), first.evaluate("node => node.type")
    if name not in ANSWERS:
        return
    if kind == "radio":
        hand.click(one.locator(f"input[value={ANSWERS[name]}]"))
        hand.fields += 1
    elif kind == "select-one":
        hand.choose(first, ANSWERS[name])
    else:
        hand.type(first, ANSWERS[name])


def decided(hand):
    """Answer what candidacy asks first, then sign the decision with a reason; nothing is ticked beforehand."""
    hand.link("Candidacy")
    assert hand.page.locator("input[type=radio]:checked").count() == 0
    asked = hand.page.locator(".ask-one:visible")
    for number in range(asked.count()):
        answered(hand, asked.nth(number))
    hand.click(hand.page.locator(".how input[type=radio]").first)
    date(hand, "known_on", (today() - timedelta(days=5)).strftime(DAY))
    hand.button("Record the answers")
    hand.page.wait_for_load_state()
    hand.click(hand.page.get_by_label("Clinician decided: candidate for ketamine"))
    hand.type(field(hand.page, "reason"), "The open questions were asked by phone; see the letter")
    hand.button("Sign the decision")


def planned_and_ordered(hand, *, in_days=6):
    hand.link("Rosa Demo-Rowan", exact=False)
    hand.link("Plan")
    date(hand, "first_on", (today() + timedelta(days=in_days)).strftime(DAY))
    hand.button("Sign the course")
    hand.type(field(hand.page, "weight_kg"), "70")
    hand.choose(field(hand.page, "strength"), "50")
    hand.button("Show the dose card")
    assert "35.0 mg / 50 mg/mL = 0.700 mL from the vial" in hand.page.locator("main").inner_text()
    hand.button("Sign and lock the order")
