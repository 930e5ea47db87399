"""The page of a lost update, and the ways that lead to it."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Report, Storm
from tests.support.pages import content, log_in_with, storm_url
from tests.support.storms import launched_storm, storm_with_lost_updates

pytestmark = pytest.mark.django_db(transaction=True)  # a report is read in a transaction of its own


@pytest.fixture
def reader() -> Client:
    """The browser of somebody who may look at storms and transfers."""
    return log_in_with("view_storm", "view_transfer")


def lost_url(transfer) -> str:
    return reverse("admin:accounts_transfer_lost", args=[transfer.pk])


def test_see_why_leads_to_a_lost_update_where_the_money_is_wrong(reader):
    storm = storm_with_lost_updates(on_top=1)
    first = storm.transfers.order_by("pk").first()

    page = content(reader.get(storm_url(storm)))

    assert f'id="lost" href="{lost_url(first)}">See why: a lost update' in page
    assert page.index(f">Transfer {first.pk}: -10 on account 1</a>, overwritten by transfer") > page.index("The result")
    assert 'id="easiest"' not in page


def test_storm_whose_report_was_kept_before_names_no_lost_update(reader):
    storm = storm_with_lost_updates()
    values = storm.report.as_values()
    del values["lost_examples"]
    Storm.objects.filter(pk=storm.pk).update(report=Report.from_values(values))

    page = content(reader.get(storm_url(storm)))

    assert "It breaks" in page
    assert "/lost/" not in page


def test_page_has_a_picture_and_the_same_as_a_table_of_three_rows(reader):
    lost, second = storm_with_lost_updates().transfers.order_by("pk")

    page = content(reader.get(lost_url(lost)))

    assert f"<strong>Lost update on account 1: -10 of transfer {lost.pk} is gone</strong>" in page
    assert '<svg class="cut lost-update"' in page
    assert '<th scope="row">read</th> <td>5,000, written by the opening</td> <td>5,000, the same balance</td>' in page
    assert '<th scope="row">wrote</th><td>4,990 (5,000 -10)</td><td>4,989 (5,000 -11)</td>' in page
    assert '<th scope="row">is gone</th><td class="torn">-10</td>' in page
    assert f">transfer {second.pk}</a></th>" in page


def test_page_of_a_transfer_of_which_nothing_was_lost(reader):
    transfer = launched_storm().transfers.first()

    page = content(reader.get(lost_url(transfer)))

    assert "no update of it can have been lost" in page
    assert "The storm has not ended: this is what is so now." in page


@pytest.mark.parametrize("number", [0, 10**30])
def test_error_no_such_transfer(number, reader):
    assert reader.get(f"/admin/accounts/transfer/{number}/lost/").status_code == 404


def test_error_to_look_without_the_permission(reader):
    transfer = launched_storm().transfers.first()

    assert log_in_with("view_storm", name="other").get(lost_url(transfer)).status_code == 403


def test_transfer_links_to_its_page(reader):
    transfer = launched_storm().transfers.first()

    page = content(reader.get(reverse("admin:accounts_transfer_change", args=[transfer.pk])))

    assert f'<a href="{lost_url(transfer)}">see whether an update of it was lost</a>' in page
