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
    assert page.title().startswith("▲ ")
    context.close()
