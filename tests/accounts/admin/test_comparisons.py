"""The page that compares storms, and the button that downloads their report."""

import re
from functools import partial

import pytest
from django.urls import reverse

from accounts.models import Storm
from accounts.reporting.comparison import MAX_STORMS
from accounts.storms.lifecycle import end_storm
from tests.support.pages import content, log_in_with, storm_url
from tests.support.storms import do_all, launched_storm

pytestmark = pytest.mark.django_db(transaction=True)  # a report is read in a transaction of its own


COMPARE = "/admin/accounts/storm/compare/"
launch = partial(launched_storm, audit_with="row_lock", transfer_count=4)


def finished(storm: Storm) -> Storm:
    do_all(storm)
    return storm


def test_any_number_of_storms_needs_few_queries(admin_client, django_assert_max_num_queries):
    for place in range(MAX_STORMS + 2):
        storm = launch(audit_count=1, transfer_count=3)
        if place % 2:
            finished(storm)

    with django_assert_max_num_queries(12):
        content = admin_client.get(COMPARE).content.decode()

    assert content.count('class="verdict') == MAX_STORMS
    assert f"Only the newest {MAX_STORMS} of them are compared" in content


def test_action_on_the_list_leads_to_the_comparison_of_what_was_ticked(viewer):
    one, _other, third = (finished(launch(audit_count=1, transfer_count=3)) for _ in range(3))

    response = viewer.post(
        reverse("admin:accounts_storm_changelist"),
        {"action": "compare_action", "_selected_action": [one.pk, third.pk]},
        follow=True,
    )

    links = re.findall(r'<th scope="row"><a href="/admin/accounts/storm/(\d+)/change/">', response.content.decode())
    assert sorted(map(int, links)) == [one.pk, third.pk]


def test_storm_s_page_leads_to_those_of_the_same_plan(admin_client):
    one, alike, _other = launch(seed=5), launch(seed=5, transfer_with="no_lock"), launch(seed=6)
    address = f"{COMPARE}?like={one.pk}"
    assert address in admin_client.get(reverse("admin:accounts_storm_change", args=[one.pk])).content.decode()

    rows = admin_client.get(address).context["comparison"].rows

    assert {row.storm for row in rows} == {one, alike}


@pytest.mark.parametrize("query", ["?storms=", "?storms=x,-1,99999999999999999999", "?like=77777", "?storms=%00"])
def test_error_no_such_storm(query, admin_client):
    assert "No storm is chosen." in admin_client.get(COMPARE + query).content.decode()


def test_error_comparing_without_the_permission_to_see_storms(db):
    assert log_in_with("view_audit").get(COMPARE).status_code == 403


def test_plan_is_said_once_if_all_have_the_same(admin_client):
    plan = "4 transfers of 1 to 100, 2 audits, 6 accounts, seed 1"
    for _ in range(2):
        launch(audit_count=2)
    assert admin_client.get(COMPARE).content.decode().count(plan) == 1

    launch(audit_count=2, seed=5)
    page = admin_client.get(COMPARE).content.decode()
    assert (page.count(plan), page.count(plan.replace("seed 1", "seed 5"))) == (2, 1)


# The button.


def report_url(*pks: int) -> str:
    return f"{reverse('admin:accounts_storm_report')}?storms={','.join(map(str, pks))}"


def test_storm_s_page_and_the_comparison_have_a_button_that_downloads(torn_storm, viewer):
    address = report_url(torn_storm.pk)
    for page in (storm_url(torn_storm), f"{COMPARE}?like={torn_storm.pk}"):
        assert address in content(viewer.get(page))

    response = viewer.get(address)

    assert response.headers["Content-Disposition"] == f'attachment; filename="storm-{torn_storm.pk}.html"'
    assert "It is torn" in response.content.decode()


def test_error_download_without_the_permission_or_without_a_storm(torn_storm, admin_client):
    assert log_in_with().get(report_url(torn_storm.pk)).status_code == 403

    response = admin_client.get(report_url(777_777), follow=True)

    assert "There is no such storm to report." in response.content.decode()


def test_download_of_a_stopped_storm_judges_it(admin_client):
    storm = launched_storm(transfer_count=3)
    end_storm(storm, Storm.State.STOPPED, "Enough.")

    content = admin_client.get(report_url(storm.pk)).content.decode()

    assert "It was not finished: it is stopped." in content
