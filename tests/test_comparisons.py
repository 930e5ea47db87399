"""Storms side by side: in their order, in few queries, while they run too; and sparklines of their totals."""

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from accounts import jobs, storms
from accounts.comparisons import MOST_STORMS, compare
from accounts.models import Storm
from accounts.sparklines import Total, sparkline

pytestmark = pytest.mark.django_db

COMPARE = "/admin/accounts/storm/compare/"


def launch(**choices) -> Storm:
    storm = storms.plan(**{"transfer_with": "row_lock", "audit_with": "row_lock", "transfer_count": 4, **choices})
    storms.launch(storm, queue="nowhere")
    return storm


def finish(storm: Storm, **report) -> Storm:
    """Run it to its end; then let its report say something else."""
    jobs.run(storm.pk, list(storm.transfers.values_list("pk", flat=True)), [])
    jobs.run(storm.pk, [], list(range(storm.audit_count)))
    storm.refresh_from_db()
    storm.report |= report
    storm.save()
    return storm


def viewer(client, codename: str = "view_storm"):
    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename=codename))
    client.force_login(user)
    return client


def test_rows_are_sorted_by_correctness_then_by_speed():
    right = {"transfers_per_second": 10}
    fast = finish(launch(audit_count=2), transfers_per_second=20)
    torn = finish(launch(audit_count=2), transfers_per_second=900)
    torn.report["audits"]["torn"] = 1
    torn.save()
    broken, slow = finish(launch(audit_count=2), drift=5), finish(launch(audit_count=2), **right)
    running = launch(audit_count=2)

    rows = compare([running, broken, torn, slow, fast])

    assert [row["storm"] for row in rows] == [fast, slow, torn, broken, running]
    assert [row["verdict"] for row in rows] == ["holds", "holds", "torn", "breaks", "running"]
    assert rows[2]["torn_percent"] == 50.0


def test_running_storm_tells_what_is_known_so_far():
    storm = launch(audit_count=2)
    jobs.run(storm.pk, [storm.transfers.first().pk], [])
    storm.transfers.filter(status="applied").update(retries=3)

    (row,) = compare([storm])

    assert (row["done"], row["taken"], row["torn"], row["lost_updates"]) == (1, 0, None, None)
    assert (row["drift"], row["retries"]) == (0, 3)


def test_audits_that_were_judged_early_count():
    storm = launch(audit_count=2)
    jobs.run(storm.pk, [], [0])
    storm.audits.update(torn=True)

    (row,) = compare([storm])

    assert (row["verdict"], row["torn"], row["taken"], row["torn_percent"]) == ("running", 1, 1, 100.0)


def test_any_number_of_storms_needs_few_queries(admin_client, django_assert_max_num_queries):
    for place in range(MOST_STORMS + 2):
        storm = launch(audit_count=1)
        if place % 2:
            finish(storm)

    with django_assert_max_num_queries(12):
        content = admin_client.get(COMPARE).content.decode()

    assert content.count('class="verdict') == MOST_STORMS
    assert f"The newest {MOST_STORMS} of them are compared" in content


def test_action_on_the_list_leads_to_the_comparison_of_what_was_ticked(client):
    one, _other, third = (finish(launch(audit_count=1)) for _ in range(3))

    response = viewer(client).post(
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

    rows = admin_client.get(address).context["rows"]

    assert {row["storm"] for row in rows} == {one, alike}


@pytest.mark.parametrize("query", ["?storms=", "?storms=x,-1,99999999999999999999", "?like=77777", "?storms=%00"])
def test_error_no_such_storm(query, admin_client):
    assert "No storm is chosen." in admin_client.get(COMPARE + query).content.decode()


def test_error_comparing_without_the_permission_to_see_storms(client):
    assert viewer(client, "view_audit").get(COMPARE).status_code == 403


def test_sparkline_is_scaled_from_the_lowest_total_to_the_highest():
    line = sparkline([Total(90), Total(100), Total(110)], expected=100, width=108, height=28)

    assert line.points == "4.0,24.0 54.0,14.0 104.0,4.0"
    assert (line.line_y, line.lowest, line.highest, line.count) == (14.0, 90, 110, 3)


def test_sparkline_of_equal_totals_and_of_none():
    assert sparkline([Total(5), Total(5)], expected=5, height=20).points.endswith(",10.0")
    assert sparkline([], expected=5).points == ""


def test_sparkline_marks_what_is_torn_or_wrong():
    totals = [Total(5, torn=False), Total(5, torn=True), Total(6, torn=True), Total(6, torn=False)]

    assert [dot.kind for dot in sparkline(totals, expected=5).dots] == ["luck", "torn", "wrong"]
