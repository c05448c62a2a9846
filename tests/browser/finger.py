"""A finger on a page: what a nurse does there, each touch counted."""

CHECK = {
    "nibp_systolic": "124", "nibp_diastolic": "78", "heart_rate": "70", "spo2": "98", "respiratory_rate": "14", "moaas": "5", "distress": "1",
    "nausea": "0",
}  # fmt: skip


class Finger:
    """Touches one page and counts."""

    def __init__(self, page):
        self.page, self.taps = page, 0

    def tap(self, where):
        where.click()
        self.taps += 1

    def button(self, name):
        self.tap(self.page.get_by_role("button", name=name, exact=True).first)

    def type(self, where, text):
        where.fill(text)
        self.taps += 1

    def choose(self, where, **option):
        where.select_option(**option)
        self.taps += 2

    def phase(self, name):
        self.page.wait_for_selector(f"#live[data-phase={name}]")

    def check(self, oxygen=""):
        """Type one whole check sheet."""
        self.tap(self.page.get_by_text("Type a check", exact=True))
        self.page.wait_for_selector(".check-sheet")
        for name, value in CHECK.items():
            self.type(self.page.locator(f".check-sheet [name={name}]"), value)
        if oxygen:
            self.choose(self.page.locator(".check-sheet [name=oxygen]"), value=oxygen)
        with self.page.expect_navigation():
            self.button("Record the check")
        self.page.wait_for_selector("#live")


def made_ready_to_leave(finger, page):
    """Do for the person in chair 4 what nobody has done yet: the score, what is asked, what is measured."""
    scored(finger, page)
    for name in (
        "oriented",
        "steady_gait",
        "escort",
        "instructions_person",
        "instructions_escort",
        "no_new_suicidal_thoughts",
    ):
        answered(finger, page, name)
    page.wait_for_selector(
        "#criterion-blood_pressure.met"
    )  # his pressure, at a minute; then what is measured is measured anew
    finger.check(oxygen="air")
    answered(finger, page, "dissociation_resolved")
    page.wait_for_function("() => !document.querySelector('#recovery .criteria li:not(.met)')")


def scored(finger, page):
    """Score the modified Aldrete, item by item."""
    page.locator("#recovery .criteria").wait_for()
    finger.tap(page.get_by_text("Score Modified Aldrete: recovery"))
    form = page.locator("#recovery form:has([value=aldrete])")
    for best in form.locator("label:has([value='2'])").all():
        finger.tap(best)
    with page.expect_navigation():
        finger.tap(form.locator("button"))


def answered(finger, page, criterion):
    """Tap the first answer of a criterion: met, none, 0."""
    with page.expect_navigation():
        finger.tap(page.locator(f"#criterion-{criterion} form button").first)
