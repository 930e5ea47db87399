"""Storms side by side: in their order, in few queries, while they run too; and sparklines of their totals."""

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from accounts.models import Audit, Storm
from accounts.reporting.charts.sparkline import Total, shared_spread, sparkline
from accounts.reporting.comparison import MOST_STORMS, compare
from accounts.reporting.total_samples import audited_totals
from accounts.storms import jobs
from accounts.storms.launch import launch as launch_storm
from accounts.storms.launch import plan_storm
from accounts.storms.lifecycle import end_storm
from accounts.storms.report import report_on

pytestmark = pytest.mark.django_db

COMPARE = "/admin/accounts/storm/compare/"


def launch(**choices) -> Storm:
    storm = plan_storm(**{"transfer_with": "row_lock", "audit_with": "row_lock", "transfer_count": 4, **choices})
    launch_storm(storm, queue="nowhere")
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

    rows = compare([running, broken, torn, slow, fast]).rows

    assert [row["storm"] for row in rows] == [fast, slow, torn, broken, running]
    assert [row["verdict"] for row in rows] == ["holds", "holds", "torn", "breaks", "running"]
    assert rows[2]["torn_percent"] == 50.0


def test_running_storm_tells_what_is_known_so_far():
    storm = launch(audit_count=2)
    jobs.run(storm.pk, [storm.transfers.first().pk], [])
    storm.transfers.filter(status="applied").update(retries=3)

    (row,) = compare([storm]).rows

    assert (row["done"], row["taken"], row["torn"], row["lost_updates"]) == (1, 0, None, None)
    assert (row["drift"], row["retries"]) == (0, 3)


def test_running_storm_counts_what_was_taken_and_what_of_it_was_judged(admin_client):
    storm = launch(audit_count=4)
    jobs.run(storm.pk, [], [0, 1, 2])
    storm.audits.filter(number=0).update(torn=True)
    storm.audits.filter(number=1).update(torn=False)

    (row,) = compare([storm]).rows
    page = " ".join(admin_client.get(COMPARE).content.decode().split())

    assert (row["verdict"], row["torn"], row["taken"]) == ("running", 1, 3)
    assert (row["judged"], row["torn_percent"]) == (2, 50.0)
    assert '<td class="number">1 / 3<div class="quiet">50.0 % of 2 judged</div></td>' in page


def test_finished_storm_has_judged_all_audits_that_kept_their_readings(admin_client):
    storm, sums = finish(launch(audit_count=2)), finish(launch(audit_count=2, audit_with="single_sum"))

    rows = {row["storm"]: row for row in compare([storm, sums]).rows}

    assert [(rows[one]["taken"], rows[one]["judged"]) for one in (storm, sums)] == [(2, 2), (2, 0)]
    assert '<div class="quiet">0.0 %</div>' in admin_client.get(COMPARE).content.decode()


def test_any_number_of_storms_needs_few_queries(admin_client, django_assert_max_num_queries):
    for place in range(MOST_STORMS + 2):
        storm = launch(audit_count=1)
        if place % 2:
            finish(storm)

    with django_assert_max_num_queries(12):
        content = admin_client.get(COMPARE).content.decode()

    assert content.count('class="verdict') == MOST_STORMS
    assert f"Only the newest {MOST_STORMS} of them are compared" in content


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

    rows = admin_client.get(address).context["comparison"].rows

    assert {row["storm"] for row in rows} == {one, alike}


def test_storms_that_differ_in_what_they_ran_on_say_so_and_those_of_the_lecture_what_they_show(admin_client):
    """Otherwise a Python lock holds in one row and breaks in the next, and nobody sees why."""
    choices = {"transfer_with": "python_lock", "audit_with": "python_lock"}
    for sizes in ({"worker_count": 1, "thread_count": 8}, {"worker_count": 4}):
        storm = launch(**sizes, **choices)
        end_storm(storm, Storm.State.STOPPED, "Enough.")
        report_on(storm)
    launch(worker_count=3, thread_count=2, **choices)
    launch(transfer_with="no_lock", audit_with="no_lock", worker_count=1, thread_count=8)  # the class is to say it

    page = admin_client.get(COMPARE).content.decode()

    ran_on = re.findall(r'<td class="ran-on">([^<]+)</td>', page)
    assert sorted(ran_on) == [*["1 process x 8 threads"] * 2, "3 processes x 2 threads", "4 processes"]
    assert sorted(re.findall(r'<div class="meaning">([^<]+)</div>', page)) == [
        "Four processes have four Python locks: worthless.",
        "One Python lock, one process, everybody joins: right.",
    ]


def test_plan_is_said_once_if_all_have_the_same(admin_client):
    plan = "4 transfers of 1 to 100, 2 audits, 6 accounts, seed 1"
    for _ in range(2):
        launch(audit_count=2)
    assert admin_client.get(COMPARE).content.decode().count(plan) == 1

    launch(audit_count=2, seed=5)
    page = admin_client.get(COMPARE).content.decode()
    assert (page.count(plan), page.count(plan.replace("seed 1", "seed 5"))) == (2, 1)


# Audited totals.


def audit_all(storm: Storm, errors: dict[int, int], *, torn: frozenset[int] = frozenset()) -> Storm:
    """All audits of the plan: by their numbers, how far they are off, and which are torn; the others are right."""
    right = storm.bank.opening_total
    kept = {"bank_id": storm.bank_id, "storm": storm, "status": "taken", "expected_total": right}
    Audit.objects.bulk_create(
        Audit(number=number, total=right + errors.get(number, 0), torn=number in torn, **kept)
        for number in range(storm.audit_count)
    )
    return storm


def test_extremes_and_those_that_are_right_by_luck_are_always_drawn():
    storm = audit_all(launch(audit_count=1000), {333: -7, 777: 9, 779: 9}, torn=frozenset({101, 333, 555}))
    other = audit_all(launch(audit_count=3), {1: 5})

    audited = audited_totals([storm, other], most=100)

    totals = audited[storm.pk].totals
    assert {333, 777, 101, 555} <= {one.number for one in totals}
    assert (len(totals), audited[storm.pk].taken) == (104, 1000)
    assert [one.number for one in totals] == sorted(one.number for one in totals)
    assert [one.total - 44_500 for one in audited[other.pk].totals] == [0, 5, 0]


@pytest.mark.parametrize(("audit_count", "drawn"), [(99, 99), (100, 100), (101, 52), (200, 100)])
def test_audits_are_halved_only_when_there_are_too_many(audit_count, drawn):
    """(Of 101, the lowest and highest come by themselves: here both are the first, and every second is drawn.)"""
    storm = audit_all(launch(audit_count=audit_count), {1: 1} if audit_count == 101 else {})

    assert len(audited_totals([storm], most=100)[storm.pk].totals) == drawn


def test_comparison_tells_the_true_extremes_and_how_many_audits_are_drawn(admin_client):
    audit_all(launch(audit_count=1000), {333: -77, 777: 99})

    page = admin_client.get(COMPARE).content.decode()

    assert "44,423 to 44,599" in page
    assert re.search(r"\b11\d of 1,000 are drawn", page)


def test_lines_of_totals_share_one_scale(admin_client):
    low, high = audit_all(launch(audit_count=3), {1: 100}), audit_all(launch(audit_count=3), {1: -1000})

    comparison = compare([low, high])

    sparks = {row["storm"]: row["spark"] for row in comparison.rows}
    assert comparison.spread == 1000
    assert sparks[low].line_y == sparks[high].line_y == 22
    assert " ".join(sparks[low].points.split()) == "4.0,22.0 65.0,20.2 126.0,22.0"
    assert sparks[high].points == "4.0,22.0 65.0,40.0 126.0,22.0"
    assert "own scale" not in admin_client.get(COMPARE).content.decode()


def test_storm_that_would_make_the_others_flat_says_its_own_scale(admin_client):
    audit_all(launch(audit_count=3), {1: 100})
    audit_all(launch(audit_count=3), {1: -9000})

    page = admin_client.get(COMPARE).content.decode()

    assert "share one scale, &plusmn;100 around" in page
    assert re.findall(r"own scale: &plusmn;([\d,]+)", page) == ["9,000"]


@pytest.mark.parametrize(
    ("spreads", "shared"),
    [([], 0), ([0, 0], 0), ([0, 7], 7), ([100, 1500], 1500), ([100, 1501], 100), ([1501, 100, 900], 900)],
)
def test_shared_scale_is_the_largest_that_hides_nobody(spreads, shared):
    assert shared_spread(spreads) == shared


@pytest.mark.parametrize("query", ["?storms=", "?storms=x,-1,99999999999999999999", "?like=77777", "?storms=%00"])
def test_error_no_such_storm(query, admin_client):
    assert "No storm is chosen." in admin_client.get(COMPARE + query).content.decode()


def test_error_comparing_without_the_permission_to_see_storms(client):
    assert viewer(client, "view_audit").get(COMPARE).status_code == 403


def test_sparkline_is_scaled_from_the_lowest_total_to_the_highest():
    line = sparkline([Total(0, 90), Total(5, 100), Total(10, 110)], expected=100, width=108, height=28)

    assert line.points == "4.0,24.0 54.0,14.0 104.0,4.0"
    assert (line.line_y, line.lowest, line.highest, line.count) == (14.0, 90, 110, 3)


def test_sparkline_of_equal_totals_and_of_none():
    assert sparkline([Total(0, 5), Total(1, 5)], expected=5, height=20).points.endswith(",10.0")
    assert sparkline([], expected=5).points == ""


def test_sparkline_marks_what_is_torn_or_wrong():
    totals = [Total(0, 5, torn=False), Total(1, 5, torn=True), Total(2, 6, torn=True), Total(3, 6, torn=False)]

    assert [dot.kind for dot in sparkline(totals, expected=5).dots] == ["luck", "torn", "wrong"]


def test_sparkline_places_totals_by_their_numbers_also_where_more_of_them_are_drawn():
    line = sparkline([Total(0, 5), Total(1, 5), Total(100, 5)], expected=5, width=108)

    assert [point.split(",")[0] for point in line.points.split()] == ["4.0", "5.0", "104.0"]
