"""A student with a browser alone predicts, sees what happens, and the class's board shows it."""

import pytest
from playwright.sync_api import expect

from accounts.labs.catalogue import find_lab
from tests.support.labs import labs_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

LAB = find_lab(2)
PHONE = {"width": 390, "height": 844}


@pytest.mark.thorough(every=2)
@pytest.mark.parametrize("options", [{"viewport": PHONE}, {"java_script_enabled": False}], ids=["phone", "no script"])
def test_student_predicts_sees_what_happens_and_so_does_the_board(open_page, anna, options):
    visit = open_page(labs_url("_lab", LAB.number), client=anna, **options)
    page = visit.page
    expect(page.get_by_role("button", name="See what happens")).to_have_count(0)
    for question in page.locator("form.predict fieldset").all():
        question.get_by_label("yes", exact=True).check()
    page.get_by_role("button", name="Predict").click()

    page.get_by_role("button", name="See what happens").click()
    again = page.get_by_role("link", name="Look again")
    table = page.get_by_role("region", name="What was predicted, and the result")
    while "java_script_enabled" in options:  # the page does not follow by itself
        expect(again.or_(table.locator("td.judged")).first).to_be_visible()
        if not again.is_visible():
            break
        again.click()
    expect(table.locator("td.judged")).to_have_count(len(LAB.readme.questions))
    lit = page.locator("#source-transfer li.chosen code")
    first = lit.inner_text()
    for number in (2, 3):
        page.get_by_role("link", name="Next step").click()
        expect(page.locator(".chosen-step")).to_contain_text(f"Step {number} of")
    expect(lit).not_to_have_text(first)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    wrong = table.locator(".mark.wrong").count()
    board = open_page(f"{labs_url('_board')}?lab={LAB.number}").page
    counts = {mark: board.locator(f".counts .mark.{mark} + strong").all_inner_texts() for mark in ("wrong", "open")}
    assert sum(map(int, counts["wrong"])) == wrong > 0
    assert sum(map(int, counts["open"])) == 0
    assert visit.complaints == []
