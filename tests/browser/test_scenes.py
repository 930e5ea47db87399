"""You are the scheduler, by keyboard alone: two scenes won, one lost, with undo; and on a phone without JavaScript."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import SceneRecord

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


def press(page: Page, key: str) -> None:
    """Press a key, once the script that listens is there: it is deferred, and what has the focus has it before."""
    page.wait_for_load_state()
    page.keyboard.press(key)


def press_keys(page: Page, keys: str) -> None:
    """Press the key of a session, and wait for the page that follows."""
    for key in keys:
        with page.expect_navigation():
            press(page, key)


def test_scene_is_won_by_keyboard_after_an_undo(open_page):
    visit = open_page(reverse("admin:scenes_play", args=["make-it-wait"]))
    page = visit.page
    press_keys(page, "2u")  # without the undo, the goal would be reached in three steps, or not at all
    page.locator("[name=press]").first.focus()
    press(page, "ArrowRight")
    expect(page.locator("[name=press]").last).to_be_focused()

    press_keys(page, "12")

    expect(page.get_by_text(re.compile("Goal reached in 2 steps"))).to_be_visible()
    assert visit.complaints == []


@pytest.mark.thorough
def test_two_scenes_are_won_and_one_is_lost_by_keyboard(open_page):
    visit = open_page(reverse("admin:scenes"))
    page = visit.page
    page.get_by_role("link", name="Begin: Half a transfer").focus()
    press(page, "Enter")
    expect(page.get_by_text("Make the audit torn: it must see")).to_be_visible()

    press_keys(page, "112")  # the audit is late: it cannot be torn by that
    expect(page.locator(".timeline tbody tr")).to_have_count(3)
    press_keys(page, "uuu")
    press_keys(page, "21111122")
    expect(page.get_by_text(re.compile("Goal reached in 8 steps"))).to_be_visible()
    page.go_back()
    expect(page.locator(".timeline tbody tr")).to_have_count(7)
    page.go_forward()

    page.get_by_role("link", name="Next: An update is lost").focus()
    press(page, "Enter")
    expect(page.locator("[name=press]").first).to_be_focused()
    press(page, "ArrowRight")
    expect(page.locator("[name=press]").last).to_be_focused()
    with page.expect_navigation():
        press(page, "Enter")
    expect(page.locator("[name=press][value=t2]")).to_be_focused()
    press_keys(page, "111112222")
    expect(page.get_by_text(re.compile("Goal reached in 10 steps"))).to_be_visible()

    page.goto(reverse("admin:scenes_play", args=["make-it-wait"]))
    page.get_by_role("button", name="It cannot be done").focus()
    with page.expect_navigation():
        press(page, "Enter")
    expect(page.get_by_text("Lost: you said that it cannot be done.")).to_be_visible()

    assert {record.scene: (record.steps, record.lost_at is None) for record in SceneRecord.objects.all()} == {
        "half-a-transfer": (8, True),
        "an-update-is-lost": (10, True),
        "make-it-wait": (None, False),
    }
    assert visit.complaints == []


def test_scene_is_won_on_a_phone_without_javascript(open_page):
    phone = {"viewport": {"width": 390, "height": 844}, "java_script_enabled": False}
    page = open_page(reverse("admin:scenes_play", args=["make-it-wait"]), **phone).page

    page.locator("[name=press][value=t]").click()
    page.locator("[name=press][value=a]").click()

    expect(page.get_by_text(re.compile("Goal reached in 2 steps"))).to_be_visible()
