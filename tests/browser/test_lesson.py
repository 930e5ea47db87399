"""A lesson as a teacher gives it, in a browser: launch, watch, explain, compare, step by hand, hand in."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.cluster.subprocesses import running_worker_count
from accounts.models import LabRecord, Storm
from tests.support.storms import apply, keep_audit, launched_storm, read, torn_audit
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

POLLING = "[hx-trigger*=every]"


def check_themes(page) -> None:
    """The page is light where the reader's system is, and dark where that is dark."""
    for scheme, is_right in (
        ("light", lambda brightness: brightness > 127),
        ("dark", lambda brightness: brightness < 64),
    ):
        page.emulate_media(color_scheme=scheme)
        colour = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
        assert is_right(sum(map(int, re.findall(r"\d+", colour)[:3])) / 3), f"{page.url} in {scheme}: {colour}"


def test_storm_is_launched_from_the_form_and_watched_until_the_polling_stops(open_page, workers):
    wait_until(lambda: running_worker_count() == 2)
    page = open_page("/admin/accounts/storm/add/").page
    workers.hold()
    try:
        page.fill("[name=transfer_count]", "60")
        page.fill("[name=audit_count]", "6")
        page.click("[name=_save]")
        expect(page.locator(POLLING).first).to_be_attached()
        expect(page.get_by_text(re.compile(r"\b0 / 60\b")).first).to_be_visible()
        with page.expect_response(lambda response: "hx-request" in response.request.headers):
            page.evaluate("window.still_the_same_page = true")
        expect(page.locator(".silence")).to_be_hidden()
    finally:
        workers.go_on()

    expect(page.get_by_text(re.compile(r"\b60 / 60\b")).first).to_be_visible()
    expect(page.locator(POLLING)).to_have_count(0)

    assert page.evaluate("window.still_the_same_page")
    assert Storm.objects.get().state == "finished"
    check_themes(page)


def test_lesson_goes_by_keyboard_from_the_first_page_to_a_schedule_beside_its_code(open_page, workers):
    audit = torn_audit()
    wait_until(lambda: running_worker_count() == 2)
    visit = open_page("/admin/", viewport={"width": 1280, "height": 1200})  # the code stands beside the steps
    page = visit.page
    workers.hold()
    try:
        page.get_by_role("button", name="Start the lecture").press("Enter")
        page.get_by_role("button", name="Stop").press("Enter")
        expect(page.get_by_role("cell", name="Stopped")).to_have_count(7)
    finally:
        workers.go_on()

    page.get_by_role("link", name="Home").press("Enter")
    page.locator(".home").get_by_role("link", name=str(audit.storm)).press("Enter")
    page.locator(f"a[href$='/audit/{audit.pk}/change/']").first.press("Enter")
    expect(page.get_by_text("Torn: 77 was counted twice.").first).to_be_visible()
    expect(page.locator("svg.cut:not(.sample) .crossing line")).to_have_count(1)
    check_themes(page)

    page.get_by_role("button", name="See it as a schedule").press("Enter")
    expect(page.locator("ul.grid a.torn")).to_have_count(4)
    expect(page.locator("ul.grid a")).to_have_count(35)
    check_themes(page)
    go_through_the_steps(page)
    assert visit.complaints == []


def go_through_the_steps(page) -> None:
    """By arrow keys, by the slider, by links, and played; each step lights its line, and stands in the address."""
    chosen, slider = page.locator(".chosen-step"), page.get_by_role("slider", name="Step")
    expect(chosen).to_contain_text("Step 1 of 7")
    page.keyboard.press("ArrowRight")
    expect(chosen).to_contain_text("Step 2 of 7")
    expect(page.locator(".source.transfer li.chosen")).to_contain_text("order")
    expect(page).to_have_url(re.compile("step=2"))
    slider.press("End")
    expect(chosen).to_contain_text("Step 7 of 7")
    expect(page.locator(".source.audit li.chosen")).to_be_in_viewport()
    expect(slider).to_be_focused()
    page.evaluate("for (const turn of [1, 2]) document.getElementById('step-previous').click()")
    expect(chosen).to_contain_text("Step 5 of 7")
    page.evaluate("for (const turn of [1, 2]) document.getElementById('step-next').click()")
    expect(chosen).to_contain_text("Step 7 of 7")
    page.keyboard.press("Space")  # at the end: from the beginning
    expect(chosen).to_contain_text("Step 2 of 7")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_schedule_is_stepped_by_hand_and_undone(open_page):
    page = open_page("/admin/accounts/savedexploration/add/").page
    page.click("[name=_save]")
    page.locator("ul.grid a").last.focus()
    page.keyboard.press("Enter")
    expect(page.locator("ul.grid a").last).to_have_attribute("aria-current", "true")

    page.get_by_role("link", name="Step by hand", exact=True).click()
    steps = page.locator(".timeline tbody tr")
    page.locator("[name=press][value=t]").click()
    expect(steps.first).to_contain_text("SELECT 1, 2 FOR UPDATE")
    page.locator("[name=press][value=a]").click()
    expect(steps).to_have_count(2)
    page.get_by_role("slider", name="Step").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".chosen-step")).to_contain_text("You look back: the buttons go on after step 2")
    expect(steps.first).to_have_attribute("aria-current", "step")
    page.keyboard.press("2")
    expect(steps).to_have_count(3)
    expect(steps.last).to_have_attribute("aria-current", "step")
    page.get_by_role("button", name="Undo").click()
    expect(steps).to_have_count(2)


def test_two_storms_are_compared_and_the_report_loads_nothing(open_page, browser, tmp_path):
    torn_audit()
    whole = launched_storm(transfer_count=1)
    apply(whole, whole.transfers.all())
    keep_audit(whole, read(whole.bank))
    launched_storm(transfer_count=1)
    page = open_page("/admin/accounts/storm/").page

    for row in (1, 2):
        page.locator("[name=_selected_action]").nth(row).check()
    page.select_option("[name=action]", "compare_action")
    page.get_by_role("button", name=re.compile("Go|Run")).click()
    expect(page.locator("table.comparison .verdict")).to_have_text(["holds", "torn"])

    with page.expect_download() as download:
        page.get_by_role("link", name="Download as one file").click()
    file = tmp_path / "report.html"
    download.value.save_as(file)
    asked = []
    with browser.new_context() as alone:
        report = alone.new_page()
        report.on("request", lambda request: asked.append(request.url))
        report.goto(file.as_uri())
        expect(report.locator("svg.cut:not(.sample) .crossing line")).to_have_count(1)
        check_themes(report)
    assert asked == [file.as_uri()]


def test_board_follows_the_class_and_rests_in_a_hidden_tab(open_page):
    keep = LabRecord.objects.create
    keep(student="anna", lab=2, prediction={"torn": "no", "end": "no", "blocked": "no"})
    page = open_page(f"{reverse('admin:labs_board')}?names=yes").page
    page.set_viewport_size({"width": 400, "height": 768})
    page.evaluate("window.still_the_same_page = true")

    for lab in range(3, 13):
        keep(student="ben", lab=lab, prediction={})
    expect(page.get_by_role("row", name="ben")).to_be_visible()
    expect(page.locator(".silence")).to_be_hidden()
    check_themes(page)

    page.evaluate("document.getElementById('signs').scrollLeft = 50")
    page.get_by_text("The same numbers as a table").click()
    page.get_by_role("link", name="Hide the names").focus()
    keep(student="carl", lab=2, prediction={})
    expect(page.get_by_role("row", name="carl").first).to_be_visible()
    page.wait_for_function("document.getElementById('signs').scrollLeft === 50")
    expect(page.locator("#numbers")).to_have_attribute("open", "")
    expect(page.locator("#names")).to_be_focused()

    is_held = """() => new Promise((resolve) => {
      Object.defineProperty(document, "hidden", {get: () => true});
      document.addEventListener("htmx:beforeRequest", (event) => resolve(event.defaultPrevented), {once: true});
    })"""
    assert page.evaluate(is_held), "no reader sees it"
    assert page.evaluate("window.still_the_same_page")

    page.keyboard.press("Enter")
    expect(page.get_by_text("No names are shown")).to_be_visible()
    expect(page.get_by_text("anna")).to_have_count(0)
    expect(page.locator("svg.shares").first).to_be_visible()


def test_lab_is_predicted_and_a_hint_is_shown(open_page):
    page = open_page("/admin/").page
    page.locator(".entries").get_by_role("link", name="Begin").click()
    page.get_by_role("link", name="The lock that was missed").click()
    expect(page.get_by_role("button", name="Predict")).to_be_visible()
    check_themes(page)

    for question in ("torn", "end", "blocked"):
        page.check(f"[name={question}][value=no]")
    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_text("Your prediction is kept")).to_be_visible()
    page.get_by_role("button", name="Show a hint").click()
    expect(page.locator("#hints + ol > li")).to_have_count(1)

    record = LabRecord.objects.get(student="admin")
    assert record.prediction == {"torn": "no", "end": "no", "blocked": "no"}
    assert record.hint_count == 1
