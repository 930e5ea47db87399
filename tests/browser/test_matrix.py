"""The isolation matrix: a cell is opened and gone through, on a projector, on a phone, and without JavaScript."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import IsolationMatrix
from tests.support.labs import log_in
from tests.support.layout import LAYOUT
from tests.support.matrix import CELL

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.mark.thorough(every=3)
@pytest.mark.parametrize(
    "options",
    [
        {"viewport": {"width": 1920, "height": 1080}},
        {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
        {"viewport": {"width": 1280, "height": 800}, "java_script_enabled": False},
    ],
    ids=["projector", "phone in the dark", "no script"],
)
def test_cell_is_opened_and_gone_through(open_page, options):
    IsolationMatrix.objects.create(state="finished", server="PostgreSQL 18.4", cells=[CELL])
    visit = open_page(reverse("admin:index"), client=log_in("anna", "student"), **options)
    page = visit.page

    page.get_by_role("link", name="Matrix", exact=True).click()
    page.get_by_role("link", name="0 of 10").click()
    expect(page.get_by_text("Impossible: 0 of 10 schedules.")).to_be_visible()
    page.get_by_role("link", name="Next step").click()
    expect(page.locator(".chosen-step")).to_contain_text("Step 2 of 2")

    expect(page.locator("li.chosen")).to_have_count(2)  # the reader's line, and that of what protects it
    assert page.evaluate(LAYOUT) == []
    assert visit.complaints == []
