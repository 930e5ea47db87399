"""A lab from its page alone: predicted, handed in wrong, refuted on the student's own line, handed in right.

At the end, the program that checks is killed in the middle of a check.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from accounts.admin import lab_hand_in
from accounts.cluster.subprocesses import Subprocess
from accounts.labs.catalogue import find_lab
from accounts.management.hand_in_checker import checker
from tests.support.labs import labs_url
from tests.support.processes import command_line
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

LAB = find_lab(6)  # the cheapest whose refutation is a schedule
NEVER_ENDS = "import time\n\n\ndef transfer(order):\n    time.sleep(1000)\n"
PHONE = {"width": 390, "height": 844}
LAPTOP = {"width": 1280, "height": 800}


@pytest.fixture
def program(settings, monkeypatch, transactional_db) -> Iterator[Subprocess]:
    """Files may be handed in, and the program that checks them runs."""
    monkeypatch.setattr(lab_hand_in, "EVERY_S", 0.5)
    settings.LAB_HAND_IN = True  # the pages are served in this process
    with checker() as program:
        yield program


def kill(program: Subprocess) -> None:
    """Kill the program at the moment, and see that no file of a student runs on."""
    (own,) = (process for process in program.processes() if "queue" in command_line(process))
    examiners = [child for child in own.children() if "accounts.labs.examiner" in command_line(child)]
    own.kill()
    wait_until(lambda: not any(process.is_running() for process in examiners))


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def hand_in(page: Page) -> None:
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("#in-line")).to_contain_text(re.compile("waits to be checked|is being checked"))


def predict(page: Page) -> None:
    for question in page.locator("form.predict fieldset").all():
        question.get_by_label("no", exact=True).check()
    for number in page.locator("form.predict input[type=text]").all():
        number.fill("1")
    page.get_by_role("button", name="Predict").click()


def test_file_that_fails_is_handed_in_and_its_schedule_stands_beside_its_lines(open_page, anna, program):
    visit = open_page(labs_url("_lab", LAB.number), client=anna, viewport=LAPTOP)
    page = visit.page
    predict(page)

    page.get_by_label("Or your code").fill("\n" + LAB.exercise.read_text())  # the lines of the exercise, one lower
    hand_in(page)
    expect(page.get_by_text("Not passed yet: 0 of 8 points")).to_be_visible()
    lit = page.locator("#schedule ~ details li.chosen")
    expect(lit).to_have_attribute("value", "10")
    expect(lit).to_contain_text("source = Account.objects.get(pk=order.source_id)")
    assert fits(page)
    assert visit.complaints == []


@pytest.mark.thorough
def test_lab_is_passed_in_the_browser_and_the_board_shows_it(open_page, anna, program):
    """And the program is killed while it checks another file: one test, since it takes seconds to start."""
    visit = open_page(labs_url("_lab", LAB.number), client=anna, viewport=PHONE)
    page = visit.page
    predict(page)

    page.get_by_label("Your file").set_input_files(LAB.solution)
    hand_in(page)
    assert fits(page)
    expect(page.get_by_text("Passed: 8 of 8 points")).to_be_visible()
    assert fits(page)

    board = open_page(f"{labs_url('_board')}?lab={LAB.number}&names=yes", viewport=PHONE).page
    expect(board.get_by_text("1 of 1 have predicted, 1 passed.")).to_be_visible()
    board.get_by_text("The same numbers as a table").click()
    expect(board.locator("#numbers tr", has_text="anna")).to_contain_text("8 of 8")

    page.get_by_label("Or your code").fill(NEVER_ENDS)
    hand_in(page)
    expect(page.locator("#in-line")).to_contain_text("is being checked")
    kill(program)
    expect(page.get_by_text("The program that checked it was ended in the middle.")).to_be_visible()
    expect(page.get_by_label("Or your code")).to_have_value(NEVER_ENDS)
    expect(page.get_by_text("Passed: 8 of 8 points")).to_be_visible()
    assert visit.complaints == []
