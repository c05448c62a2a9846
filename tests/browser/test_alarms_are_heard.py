"""A page says when it may not sound; once allowed, an alarm marks the tab and plays its own sound."""

ALARM = """() => {
  const one = document.createElement("p");
  one.className = "alarm urgent";
  one.textContent = "made by a test";
  document.getElementById("main").append(one);
}"""


def test_a_page_without_permission_says_so_and_one_button_lets_it_sound(chromium, demo):
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{demo.address}/people/sign-in/")
    page.locator("form:has(input[value=nils]) button").click()
    page.wait_for_selector("#no-sound:visible")

    page.click("[data-allow-sound]")
    page.wait_for_selector("#no-sound", state="hidden")
    page.evaluate(ALARM)

    page.wait_for_selector("html[data-sounded=urgent]", state="attached")
    page.wait_for_selector("link[rel=icon][href*=svg]", state="attached")
    page.wait_for_function("() => document.title.startsWith('▲ ')")
    context.close()


def signed_in(chromium, demo):
    page = chromium.new_context().new_page()
    page.goto(f"{demo.address}/people/sign-in/")
    page.locator("form:has(input[value=nils]) button").click()
    page.wait_for_selector("#no-sound:visible")
    return page


def test_a_tone_can_be_recorded_as_heard_only_where_it_was_played(chromium, demo):
    page = signed_in(chromium, demo)
    page.goto(f"{demo.address}/monitoring/sound/")
    assert page.locator("[data-heard]:disabled").count() == 3

    page.click("[data-test-tone=handheld]")

    page.wait_for_selector("form:has([value=handheld]) [data-heard]:enabled")
    assert page.locator("[data-heard]:disabled").count() == 2
    page.context.close()


def test_the_wall_says_that_it_gives_no_sound_and_marks_its_tab(chromium, demo):
    page = signed_in(chromium, demo)
    page.goto(f"{demo.address}/board/wall/")
    assert page.locator("text=This screen gives no sound").is_visible()

    page.evaluate(ALARM.replace('one.className = "alarm urgent"', 'one.dataset.loud = "urgent"'))

    page.wait_for_selector("link[rel=icon][href*=svg]", state="attached")
    page.wait_for_function("() => document.title.startsWith('▲ ')")
    assert page.locator("html[data-sounded]").count() == 0
    page.context.close()
