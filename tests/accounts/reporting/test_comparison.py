"""Storms side by side: in their order, and while they run too."""

import re
from dataclasses import replace
from functools import partial

import pytest

from accounts.models import Audit, Storm
from accounts.reporting.comparison import compare
from accounts.storms import jobs
from accounts.storms.lifecycle import end_storm
from accounts.storms.report import report_on
from tests.support.reports import a_report
from tests.support.storms import do_all, launched_storm

pytestmark = pytest.mark.django_db(transaction=True)  # a report is read in a transaction of its own


COMPARE = "/admin/accounts/storm/compare/"


launch = partial(launched_storm, audit_with="row_lock", transfer_count=4)


def finish(storm: Storm, **report) -> Storm:
    """Run it to its end; then let its report say something else in these fields."""
    do_all(storm)
    storm.report = replace(storm.report, **report)
    storm.save()
    return storm


def test_rows_are_sorted_by_correctness_then_by_speed():
    right = {"transfers_per_second": 10}
    fast = finish(launch(audit_count=2), transfers_per_second=20)
    torn = finish(launch(audit_count=2), transfers_per_second=900, audits=a_report(audits={"torn": 1}).audits)
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
    assert '<td class="number">1 / 3<div class="quiet">50.0 % of the 2 that are judged</div></td>' in page


def test_audits_that_are_not_judged_yet_were_taken_all_the_same(admin_client):
    storm = launch(audit_count=2)
    jobs.run(storm.pk, [], [0, 1])
    storm.audits.update(torn=None)
    storm.audits.filter(number=0).update(torn=True)

    (row,) = compare([storm]).rows

    assert (row["torn"], row["taken"], row["judged"], row["torn_percent"]) == (1, 2, 1, 100.0)
    assert "of 1 judged" in admin_client.get(f"{COMPARE}?storms={storm.pk}").content.decode()


def test_transfer_that_was_applied_twice_is_done_once():
    storm = launch(audit_count=1)
    jobs.run(storm.pk, [storm.transfers.first().pk], [])
    planned = storm.transfers.get(status="applied")
    planned.pk, planned.repeats = None, planned.pk
    planned.save()

    assert compare([storm]).rows[0]["done"] == 1


def test_finished_storm_has_judged_all_audits_that_kept_their_readings(admin_client):
    storm, sums = finish(launch(audit_count=2)), finish(launch(audit_count=2, audit_with="single_sum"))

    rows = {row["storm"]: row for row in compare([storm, sums]).rows}

    assert [(rows[one]["taken"], rows[one]["judged"]) for one in (storm, sums)] == [(2, 2), (2, 0)]
    assert '<div class="quiet">0.0 %</div>' in admin_client.get(COMPARE).content.decode()


def test_rows_say_on_how_many_processes_a_storm_ran(admin_client):
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
