"""A class votes from its phones on a scene that the projector shows, the teacher starts it, and all see the outcome."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.admin import votes
from accounts.models import Storm
from accounts.storms.background_launch import launch_in_a_row
from accounts.storms.launch import plan_storm
from tests.support.labs import log_in
from tests.support.layout import LAYOUT
from tests.support.pages import storm_url
from tests.support.storms import apply, keep_audit, read

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

PHONE = {"viewport": {"width": 390, "height": 844}}
PROJECTOR = {"viewport": {"width": 1280, "height": 800}}


@pytest.fixture
def scene() -> Storm:
    """The first of two, each of one transfer and one audit."""
    choices = {"transfer_with": "row_lock", "audit_with": "no_lock", "transfer_count": 1, "audit_count": 1}
    launch_in_a_row([plan_storm(**choices) for _ in range(2)], queue="nowhere", by_hand=True).join()
    return Storm.objects.order_by("pk").first()


def tear(storm: Storm) -> None:
    """Do its transfer, and take its audit: account 1 as it was before that, the others as they are after it."""
    before = read(storm.bank)
    apply(storm, storm.transfers.all())
    keep_audit(storm, [before[0], *read(storm.bank)[1:]])


def test_class_votes_the_teacher_starts_the_scene_and_the_outcome_stands_beside_the_votes(
    monkeypatch, open_page, anna, scene
):
    monkeypatch.setattr(votes, "EVERY_S", 1)
    projector = open_page(storm_url(scene), **PROJECTOR)
    without_scripts = open_page(reverse("admin:index"), client=anna, java_script_enabled=False, **PHONE).page
    phone = open_page(reverse("admin:index"), client=log_in("ben", "student"), color_scheme="dark", **PHONE)
    page, counts = projector.page, projector.page.locator("table.answers td.number")
    expect(page.get_by_text("0 people have voted.")).to_be_visible()

    without_scripts.get_by_role("link", name="Vote: transfers row_lock").click()
    without_scripts.get_by_role("button", name="holds").click()
    expect(without_scripts.get_by_text("you said holds")).to_be_visible()
    expect(page.get_by_text("1 person has voted.")).to_be_visible()
    page.get_by_role("link", name="Show the bars").click()
    expect(counts).to_have_text(["1", "0", "0"])

    phone.page.get_by_role("link", name="Vote: transfers row_lock").click()
    expect(phone.page.locator("table.answers")).to_have_count(0)
    phone.page.get_by_role("button", name="holds").click()
    expect(counts).to_have_text(["2", "0", "0"])
    expect(phone.page.get_by_text("you said holds")).to_be_visible()
    assert [visit.page.evaluate(LAYOUT) for visit in (projector, phone)] == [[], []]

    page.get_by_role("button", name="Start scene 1").click()
    expect(phone.page.get_by_text("The scene runs: the vote is closed.")).to_be_visible()
    without_scripts.get_by_role("button", name="torn").click()
    expect(without_scripts.get_by_text("your vote was not taken")).to_be_visible()
    tear(Storm.objects.get(pk=scene.pk))

    for screen in (page, phone.page):
        expect(screen.get_by_text("2 of 2 said holds; it was torn.")).to_be_visible()
    expect(page.get_by_role("heading", name="Scene 2 of 2 is next")).to_be_visible()
    expect(phone.page.get_by_role("link", name="Vote on the next scene")).to_be_visible()
    assert [visit.page.evaluate(LAYOUT) for visit in (projector, phone)] == [[], []]
    assert projector.complaints + phone.complaints == []
