"""The live page: whatever state a storm is in, in few queries, for those who may; and the lecture."""

import os
import re
import threading
from datetime import timedelta
from itertools import pairwise

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import Failure

from accounts.admin import live
from accounts.admin import storms as storm_pages
from accounts.cluster.subprocesses import Heartbeat
from accounts.db import application_name as session_names
from accounts.models import Audit, Storm, Transfer
from accounts.reporting import (
    failed_operations,
    fault_list,
    home,
    lock_waits,
    stalled,
    storm_page,
    storms_in_a_row,
    timeline_bars,
    worker_timeline,
)
from accounts.reporting.audit_kind import AuditKind
from accounts.storms import jobs
from accounts.storms.active_workers import at_work
from accounts.storms.launch import launch as launch_storm
from accounts.storms.launch import plan_storm
from accounts.storms.lecture import SCENES
from accounts.storms.lifecycle import end_storm, run_job
from accounts.storms.progress import Progress
from accounts.storms.report import judge
from accounts.storms.report_text import NOT_FINAL
from accounts.strategies.row_lock import transfer
from tests import torn
from tests.reports import a_report

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
MARKUP = "<script>alert(1)</script>"


@pytest.fixture
def plan_and_launch():
    def launch(**choices) -> Storm:
        defaults = {"transfer_with": "row_lock", "audit_with": "no_lock", "transfer_count": 30, "audit_count": 3}
        storm = plan_storm(**defaults | choices)
        launch_storm(storm, queue="nowhere")
        return storm

    return launch


@pytest.fixture
def running(plan_and_launch) -> Storm:
    """Half of it is done."""
    storm = plan_and_launch()
    jobs.run(storm.pk, list(storm.transfers.values_list("pk", flat=True)[:15]), [])
    jobs.run(storm.pk, [], [0, 1])
    return storm


@pytest.fixture
def viewer() -> Client:
    """Somebody who may look at storms, and not launch them."""
    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_storm"))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def workers(monkeypatch) -> None:
    monkeypatch.setattr(storm_pages, "running_worker_count", lambda: 4)


def run_all(storm: Storm) -> None:
    """One after another: side by side they would need connections of their own, which do not see what a test wrote."""
    jobs.run(storm.pk, list(storm.transfers.values_list("pk", flat=True)), [])
    jobs.run(storm.pk, [], [0, 1, 2])


def url(storm: Storm, name: str = "change") -> str:
    return reverse(f"admin:accounts_storm_{name}", args=[storm.pk])


def content(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


# Every state.


@pytest.mark.parametrize("name", ["change", "workers", "row"])
@pytest.mark.parametrize("state", ["planned", "running", "finished", "stopped", "failed"])
def test_page_opens_in_every_state_before_and_after_anything_was_done(state, name, viewer, plan_and_launch, running):
    for storm in (plan_and_launch(), running):
        report = judge(storm) if state == "finished" else None
        Storm.objects.filter(pk=storm.pk).update(state=state, reason=MARKUP, report=report)

        for headers in ({}, HTMX):
            assert MARKUP not in content(viewer.get(url(storm, name), headers=headers))


@pytest.mark.parametrize("accounts", [2, 10_000])
def test_page_of_a_small_and_a_large_bank(accounts, viewer, plan_and_launch):
    storm = plan_and_launch(account_count=accounts, audit_with="single_statement", max_amount=10)
    run_all(storm)

    assert "30 / 30" in content(viewer.get(url(storm)))


def test_audits_that_kept_only_a_sum_are_unknown(viewer, plan_and_launch):
    storm = plan_and_launch(audit_with="single_sum")
    run_all(storm)

    assert "<dd>unknown</dd>" in content(viewer.get(url(storm)))


def test_no_storm_no_page(admin_client):
    assert admin_client.get(reverse("admin:accounts_storm_change", args=[1])).status_code == 404


# What it says.


def test_running_storm_shows_how_far_it_is(viewer, running):
    Storm.objects.filter(pk=running.pk).update(started_at=timezone.now() - timedelta(seconds=10))

    seen = storm_page.observe(Storm.objects.get(pk=running.pk))

    progress = seen.progress
    assert (progress.transfers_ended, seen.percent, progress.audits_taken, progress.audits_judged) == (15, 50, 2, 0)
    assert 1 < seen.per_second < 1.6
    assert seen.drift == 0
    assert "2 audits, 0 checked, 0 with a wrong total" in content(viewer.get(url(running)))


@pytest.mark.parametrize("queue", ["private-x", Conf.CLUSTER_NAME])
def test_running_storm_that_nobody_works_on_says_what_to_do(queue, viewer, running):
    Storm.objects.update(queue=queue)
    says = {
        "private-x": "No worker works on it any more",
        Conf.CLUSTER_NAME: "No worker is running: start some with <code>",
    }

    assert says[queue] not in content(viewer.get(url(running)))

    running.transfers.update(ended_at=timezone.now() - timedelta(minutes=1))
    assert says[queue] in content(viewer.get(url(running)))


@pytest.mark.django_db(transaction=True)  # within one, PostgreSQL answers from one look
def test_private_workers_are_known_by_their_connections(running):
    with connection.cursor() as cursor:
        cursor.execute("SET application_name = 'private-x'")
    running.queue = "private-x"
    running.transfers.update(ended_at=timezone.now() - timedelta(minutes=1))

    assert stalled.what_is_missing(running) == ""

    with connection.cursor() as cursor:
        cursor.execute("RESET application_name")
    assert stalled.what_is_missing(running) == stalled.ABANDONED


def test_finished_storm_says_what_it_came_to_and_where_to_go_on(viewer):
    audit = torn.torn_audit()

    page = content(viewer.get(url(audit.storm)))
    assert '<strong class="torn">It is torn: the money is right, and 1 of 1 audits are not.</strong>' in page
    assert re.search(rf'<a class="button" id="easiest" href="/admin/accounts/audit/{audit.pk}/change/">See why', page)
    assert "waiting now" not in page


def test_drift_is_seen_while_the_storm_runs(running):
    running.bank.accounts.filter(number=1).update(balance=5)

    assert storm_page.observe(running).drift == running.bank.total - 44_500 != 0


def test_drawn_audits_are_evenly_chosen_and_the_others_counted(monkeypatch, running):
    monkeypatch.setattr(storm_page, "MAX_DOTS", 10)
    running.audit_count = 25
    running.save()
    taken = {"bank_id": running.bank_id, "storm": running, "status": "taken", "total": 1, "expected_total": 1}
    Audit.objects.bulk_create(Audit(number=n, started_at=timezone.now(), **taken) for n in range(2, 25))
    evenly_chosen = 10

    seen = storm_page.observe(running)

    assert len(seen.chart.dots) in (evenly_chosen, evenly_chosen + 1, evenly_chosen + 2)
    assert len(seen.chart.dots) + seen.sample.left_out == 25


def test_audits_are_counted_alike_from_the_rows_and_from_the_report(plan_and_launch):
    storm = plan_and_launch(audit_count=5)
    jobs.run(storm.pk, list(storm.transfers.values_list("pk", flat=True)), [])
    failed = {"status": "failed", "reason": "deadlock", "expected_total": 44_500}
    Audit.objects.create(bank=storm.bank, storm=storm, number=4, started_at=timezone.now(), **failed)
    jobs.run(storm.pk, [], [0, 1, 2, 3])
    storm.refresh_from_db()
    from_report = storm_page.observe(storm)

    storm.report = None
    from_rows = storm_page.observe(storm)

    expected = Progress(transfers_ended=30, audits_taken=4, audits_failed=1, audits_judged=4)
    assert from_rows.progress == from_report.progress == expected
    assert [len(page.chart.dots) + page.sample.left_out for page in (from_report, from_rows)] == [4, 4]


def test_lowest_highest_and_lucky_audits_are_always_drawn(monkeypatch, running):
    monkeypatch.setattr(storm_page, "MAX_DOTS", 2)
    running.audit_count = 9
    running.save()
    taken = {"bank_id": running.bank_id, "storm": running, "status": "taken", "expected_total": 44_500, "torn": True}
    totals = [44_500, 44_501, 44_000, 45_000, 44_502, 44_503]
    Audit.objects.bulk_create(
        Audit(number=n, started_at=timezone.now(), total=total, **taken) for n, total in enumerate(totals, start=3)
    )

    chart = storm_page.observe(running).chart

    assert (chart.lowest, chart.highest) == (44_000, 45_000)
    assert [dot.point.kind for dot in chart.dots if dot.point.total == 44_500].count(AuditKind.LUCK) == 1


# Lanes.


@pytest.fixture
def timed(running) -> Storm:
    """Stopped; its operations took place at known times: transfer n from n to n + 1 tenths of a second."""
    begin = timezone.now() - timedelta(minutes=1)
    Storm.objects.filter(pk=running.pk).update(state="stopped", started_at=begin)
    for place, done in enumerate(running.transfers.exclude(status="pending").order_by("pk")):
        times = {"started_at": begin + place * timedelta(seconds=0.1), "waited_us": 50_000, "worker": f"h:{place % 2}"}
        Transfer.objects.filter(pk=done.pk).update(ended_at=times["started_at"] + timedelta(seconds=0.1), **times)
    running.audits.update(started_at=begin, ended_at=begin + timedelta(seconds=0.05), worker="h:2")
    running.refresh_from_db()
    return running


def test_window_shows_what_has_a_part_in_it(timed):
    seen = worker_timeline.observe_workers(timed, at="0.35", span="0.3")

    assert [(one.lane, round(one.begin_s, 1)) for one in seen.bars.operations] == [
        *(("h:1", 0.3), ("h:0", 0.4), ("h:1", 0.5), ("h:0", 0.6)),
    ]
    assert seen.bars.bar_count == 4
    assert not seen.follows
    assert seen.duration_s == 1.5


def test_first_window_is_narrowed_until_all_that_is_in_it_is_drawn(monkeypatch, timed, viewer):
    monkeypatch.setattr(timeline_bars, "MAX_BARS", 4)

    seen = worker_timeline.observe_workers(timed, at=None, span=None)

    assert seen.window.span_s < worker_timeline.SPAN_S
    assert 2 <= len(seen.bars.operations) == seen.bars.bar_count <= 4
    assert seen.window.at_s < 0.8 < seen.window.end_s
    assert "are drawn, evenly chosen" not in content(viewer.get(url(timed, "workers")))


def test_wide_window_that_is_asked_for_shows_an_even_choice_and_says_so(monkeypatch, timed, viewer):
    monkeypatch.setattr(timeline_bars, "MAX_BARS", 5)

    seen = worker_timeline.observe_workers(timed, at="0", span="60")
    shown = content(viewer.get(url(timed, "workers"), {"at": "0", "span": "60"}))

    begins = [one.begin_s for one in seen.bars.operations if not one.is_audit]
    assert (begins[0], len(begins)) == (0.0, 4)
    assert max(later - earlier for earlier, later in pairwise(begins)) < 0.5
    assert "5 of 17 bars are drawn, evenly chosen" in shown
    assert len(re.findall(r'<rect class="(?:transfer|audit)[^"]*" x="\d+\.', shown)) == 5


def test_first_window_is_where_the_work_was_done(timed):
    """Not in the middle of the time: a cluster that was killed may have stood still for most of it."""
    last = timed.transfers.order_by("-ended_at").exclude(ended_at=None).first()
    Transfer.objects.filter(pk=last.pk).update(ended_at=last.ended_at + timedelta(seconds=60))

    assert worker_timeline.observe_workers(timed, at=None, span=None).bars.operations


def test_window_that_reaches_beyond_the_end_says_so(viewer, timed):
    assert "it has ended" in content(viewer.get(url(timed, "workers"), {"at": "1.2", "span": "1"}))
    assert "it has ended" not in content(viewer.get(url(timed, "workers"), {"at": "0.5", "span": "0.5"}))


def test_window_that_follows_keeps_the_span_only_if_it_was_asked_for(viewer, running):
    Storm.objects.filter(pk=running.pk).update(started_at=timezone.now() - timedelta(seconds=10))

    assert f'hx-get="{url(running, "workers")}" hx-trigger' in content(viewer.get(url(running, "workers")))
    asked = content(viewer.get(url(running, "workers"), {"span": "2"}))
    assert f'hx-get="{url(running, "workers")}?span=2.0" hx-trigger' in asked


def test_threads_of_a_job_and_its_audits_are_kept_by_their_names(monkeypatch):
    """(Without their work: threads do not see what a test has not committed.)"""
    names = []
    activities = {name: lambda: names.append(jobs.worker_name()) for name in ("thread_0", "audits")}

    jobs._run_in_threads(activities)

    assert sorted(name.rpartition(":")[2] for name in names) == ["audits", "thread_0"]


def test_batch_is_one_bar(plan_and_launch):
    storm = plan_and_launch(transfer_with="batch")
    run_all(storm)

    bars = worker_timeline.observe_workers(Storm.objects.get(pk=storm.pk), at="0", span="60").bars

    first = storm.transfers.order_by("pk").first().pk
    assert [one.name for one in bars.operations if not one.is_audit] == [f"batch of 30 transfers from {first}"]


@pytest.mark.parametrize("at", ["", "x", "nan", "inf", "-inf", "-5", "1e308", "99999"])
@pytest.mark.parametrize("span", ["", "x", "nan", "inf", "-1", "0", "1e308"])
def test_window_takes_anything_that_is_typed(at, span, timed):
    seen = worker_timeline.observe_workers(timed, at=at, span=span)

    assert 0 <= seen.window.at_s <= seen.duration_s
    assert 0.01 <= seen.window.span_s <= 60


def test_window_follows_a_running_storm_until_it_is_moved(viewer, running):
    Storm.objects.filter(pk=running.pk).update(started_at=timezone.now() - timedelta(seconds=10))

    assert "hx-trigger" in content(viewer.get(url(running, "workers")))
    moved = content(viewer.get(url(running, "workers"), {"at": "1", "span": "0.5"}))
    assert "hx-trigger" not in moved
    assert "Follow the storm" in moved


def test_faults_are_marked_and_listed_whatever_was_recorded(viewer, timed):
    at = (timed.started_at + timedelta(seconds=0.5)).isoformat()
    undated = [{"at": "yesterday"}, {"at": "2026-01-01T00:00:00"}, {"at": "2026-13-01T00:00:00+00:00"}, {}]
    fault_list = [*undated, {"at": at, "kind": "kill", "what": MARKUP}]
    Storm.objects.filter(pk=timed.pk).update(faults=fault_list)

    shown = content(viewer.get(url(timed, "workers"), {"at": "0", "span": "1"}))

    assert shown.count('<line class="fault"') == 1
    assert re.findall(r'<text class="number"[^>]*>(\S+)</text>', shown) == ["1"]
    assert '<th scope="row">1</th><td>0.500</td><td>chaos: fault</td><td>kill</td>' in shown
    assert shown.count("<td>unknown</td>") == 4
    assert MARKUP not in shown


def test_repairs_of_the_watchdog_are_told_apart_from_faults(viewer, timed):
    timed.note_fault("watchdog: replaced", "The workers were replaced.", timed.started_at + timedelta(seconds=1))
    timed.note_fault("kill-workers", "SIGKILL of busy worker 1", timed.started_at + timedelta(seconds=0.5))

    shown = content(viewer.get(url(timed, "workers"), {"at": "0", "span": "2"}))

    assert '<th scope="row">1</th><td>0.500</td><td>chaos: fault</td><td>kill-workers</td>' in shown
    assert '<th scope="row">2</th><td>1.000</td><td>watchdog: repair</td><td>replaced</td>' in shown
    assert (shown.count('<line class="fault"'), shown.count('<line class="repair"')) == (1, 1)


def test_more_faults_than_are_listed_are_counted(monkeypatch, viewer, timed):
    monkeypatch.setattr(fault_list, "MAX_FAULTS", 2)
    Storm.objects.filter(pk=timed.pk).update(faults=[{"kind": "kill"}] * 5)

    assert "3 later ones are not listed." in content(viewer.get(url(timed, "workers")))


# Who waits for whom.


@pytest.mark.django_db(transaction=True)
def test_session_that_waits_is_shown_with_the_one_it_waits_for(plan_and_launch, viewer, stage, order, open_bank):
    bank = open_bank(100, 100)
    first, second = order(bank, 1, 2, 10), order(bank, 1, 2, 10)
    storm = plan_and_launch()
    stage.begin({"t": lambda: transfer(first), "a": lambda: transfer(second)})
    assert stage.step("t")
    assert not stage.step("a")

    seen = lock_waits.observe_waits()
    page = content(viewer.get(url(storm), headers=HTMX))

    (holder, waiter) = (line.session for line in seen.lines)
    assert (seen.waiting, waiter.waits_for) == (1, (holder.pid,))
    assert "FOR UPDATE" in waiter.short_sql
    assert f"<td>session {holder.pid} of the server</td>" in page
    assert f'<th scope="row">session {waiter.pid} of the server</th>' in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("application_name", "name"),
    [
        ("private-x 23152", "worker 23152"),
        ("private-x 23152:thread_3", "worker 23152, thread 3"),
        ("private-x", None),
        ("psql 12 x", None),
    ],
)
def test_session_of_a_worker_is_called_as_in_the_picture_of_the_workers(
    application_name, name, stage, order, open_bank
):
    """The server's own number of a session is that of no worker."""
    bank = open_bank(100, 100)
    first, second = order(bank, 1, 2, 10), order(bank, 1, 2, 10)

    def named_transfer() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET application_name = '{application_name}'")  # which is no step
        transfer(second)

    stage.begin({"t": lambda: transfer(first), "a": named_transfer})
    stage.step("t")
    stage.step("a")

    waiter = lock_waits.observe_waits().lines[1].session
    assert waiter.name == (name or f"session {waiter.pid} of the server")


def test_worker_s_connections_carry_its_number_and_its_threads_their_names(monkeypatch):
    monkeypatch.setenv("PGAPPNAME", "private-x")
    session_names.name_process()
    session_names.name_process()  # a worker that is started anew has inherited nothing; but if it had
    seen = []

    def look() -> None:
        session_names.name_thread("thread_1")
        try:
            with connection.cursor() as cursor:
                cursor.execute("SHOW application_name")
                seen.append(cursor.fetchone()[0])
        finally:
            connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join(30)

    assert seen == [f"private-x {os.getpid()}:thread_1"]
    assert session_names.worker_of(seen[0]) == f"{os.getpid()}:thread_1"
    assert "application_name" not in connection.settings_dict["OPTIONS"]


# Failures.


def test_failures_are_shown_by_their_reasons_and_jobs_with_their_tracebacks(viewer, running, plan_and_launch):
    other = plan_and_launch()
    some = running.transfers.filter(status="applied")[:3]
    running.transfers.filter(pk__in=[one.pk for one in some]).update(status="failed", reason=f"40P01: {MARKUP}")
    running.audits.filter(number=0).update(status="failed", reason="55P03: lock timeout")
    when = {"started": timezone.now(), "stopped": timezone.now(), "success": False, "func": "f"}
    for place, storm in enumerate((running, other)):
        name = f"storm-{storm.pk}-job-1"
        Failure.objects.create(id=f"{place:032}", name=name, result=f"Traceback\nOops {MARKUP} {storm.pk}", **when)

    page = content(viewer.get(url(running)))

    assert '<td class="number">3</td><td>40P01: &lt;script&gt;' in page
    assert "55P03: lock timeout" in page
    assert f"Job storm-{running.pk}-job-1 raised: Oops &lt;script&gt;" in page
    assert f"storm-{other.pk}-job-1" not in page
    assert MARKUP not in page


TRACEBACK = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\n    ^^^\n'
LOST = (
    "django.db.utils.OperationalError: server closed the connection unexpectedly\n"
    "\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.\n"
)


@pytest.mark.parametrize(
    ("result", "error"),
    [
        (f"server closed the connection unexpectedly : {TRACEBACK}{LOST}", "server closed the connection unexpectedly"),
        (
            f"x : {TRACEBACK}psycopg.OperationalError: first\n\nThe above exception was the direct cause of the "
            f"following exception:\n\n{TRACEBACK}{LOST}",
            "server closed the connection unexpectedly",
        ),
    ],
)
def test_job_that_raised_is_told_by_the_first_line_of_its_exception(result, error, viewer, running):
    when = {"started": timezone.now(), "stopped": timezone.now(), "success": False, "func": "f"}
    Failure.objects.create(id="0" * 32, name=f"storm-{running.pk}-job-1", result=result, **when)

    assert f"raised: OperationalError: {error} (attempt" in content(viewer.get(url(running)))


@pytest.mark.parametrize(
    ("result", "error"),
    [
        (f"{TRACEBACK}KeyError: 'a.b: c'", "KeyError: 'a.b: c'"),
        (f"{TRACEBACK}my.Error", "Error"),
        ("Killed by the guard", "Killed by the guard"),
        ("Traceback (most recent call last):", "Traceback (most recent call last):"),
        ("", ""),
    ],
)
def test_what_django_q2_keeps_may_be_no_traceback(result, error):
    assert failed_operations.error_in(result) == error


# Queries.


@pytest.mark.parametrize("name", ["change", "workers", "row"])
def test_poll_needs_few_queries(name, viewer, running, django_assert_max_num_queries):
    running.transfers.filter(status="applied").update(status="failed", reason="x")

    with django_assert_max_num_queries(15):
        content(viewer.get(url(running, name), headers=HTMX))


def test_picture_of_the_workers_that_follows_a_storm_needs_two_queries(running, django_assert_num_queries):
    """Each looks at all rows of the storm, of which there may be 100,000."""
    running.started_at = timezone.now() - timedelta(seconds=10)

    with django_assert_num_queries(2):
        worker_timeline.observe_workers(running, at=None, span=None)


def test_whole_page_needs_few_queries(viewer, running, django_assert_max_num_queries):
    with django_assert_max_num_queries(22):
        content(viewer.get(url(running)))


def test_poll_that_costs_much_asks_less_often(monkeypatch, viewer, running):
    monkeypatch.setattr(live, "PAUSE_TO_COST", 1_000_000)

    assert 'hx-trigger="every 1s"' not in content(viewer.get(url(running), headers=HTMX))


# Permissions.


@pytest.mark.parametrize("name", ["change", "workers", "row"])
def test_error_to_look_without_the_permission(name, client, running):
    client.force_login(User.objects.create_user("nobody", is_staff=True))

    assert client.get(url(running, name)).status_code == 403


@pytest.mark.parametrize("name", ["stop", "judge"])
def test_error_to_change_without_the_permission_or_without_the_token(name, viewer, admin_user, running):
    assert viewer.post(url(running, name)).status_code == 403
    assert viewer.get(url(running, name)).status_code == 405
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(admin_user)
    assert careful.post(url(running, name)).status_code == 403

    assert running.is_still_running()


def test_buttons_are_for_those_who_may(viewer, admin_client, running):
    assert 'id="stop"' in content(admin_client.get(url(running)))
    assert 'id="stop"' not in content(viewer.get(url(running)))


def test_stopped_storm_is_judged_when_asked(admin_client, running):
    assert "workers judge it" in content(admin_client.post(url(running, "judge"), follow=True))
    running.refresh_from_db()
    assert running.report is None  # it runs: its workers judge it

    end_storm(running, Storm.State.STOPPED, "Enough.")
    page = content(admin_client.post(url(running, "judge"), follow=True))

    assert "The result</h2>" in page
    assert running.audits.filter(torn=None).count() == 0


def test_stopped_storm_whose_workers_are_still_at_it_is_judged_and_not_for_good(admin_client, running):
    end_storm(running, Storm.State.STOPPED, "Enough.")

    with at_work(running.pk):
        page = content(admin_client.post(url(running, "judge"), follow=True))

    assert NOT_FINAL in page
    assert "The result</h2>" not in page
    assert "The result</h2>" in content(admin_client.post(url(running, "judge"), follow=True))


def test_page_of_a_stopped_storm_follows_it_until_its_workers_have_left_it(viewer, running):
    end_storm(running, Storm.State.STOPPED, "Enough.")
    follows = f'hx-get="{url(running)}" hx-trigger'

    with at_work(running.pk):
        page = content(viewer.get(url(running), headers=HTMX))

    assert follows in page
    assert "Workers finish what they have begun." in page
    assert follows not in content(viewer.get(url(running), headers=HTMX))


def test_stopped_storm_is_checked_on_request_only_if_it_has_audits(admin_client, plan_and_launch, running):
    without = plan_and_launch()
    for storm in (running, without):
        end_storm(storm, Storm.State.STOPPED, "Enough.")

    assert "Check the audits so far</button>" in content(admin_client.get(url(running)))
    assert "Check the audits so far" not in content(admin_client.get(url(without)))


# The launch page.


def test_launch_page_offers_the_lecture_and_a_storm_as_two_forms(admin_client, workers):
    """In one form, Enter in a field would press the form's first button, whichever that is."""
    page = content(admin_client.get(reverse("admin:accounts_storm_add")))

    lecture, _, storm = page.partition('id="storm_form"')
    assert "Start the lecture, scene by scene</button>" in lecture
    assert storm.count('type="submit"') == 1
    assert 'value="Launch"' in storm


# The lecture.


def launch_lecture(client, data=None):
    return client.post(reverse("admin:accounts_storm_lecture"), data, follow=True)


def test_lecture_is_launched_and_shown_with_one_click(admin_client, workers):
    response = launch_lecture(admin_client)

    first = Storm.objects.order_by("pk").first()
    assert response.redirect_chain == [(url(first), 302)]
    assert list(Storm.objects.order_by("pk").values_list("transfer_with", "audit_with", "worker_count")) == [
        (scene.transfer_with, scene.audit_with, scene.worker_count) for scene in SCENES
    ]
    page = content(response)
    for scene in SCENES:
        assert scene.meaning.replace("'", "&#x27;") not in page, "it gives away what a class is to say first"
    assert "The lecture has 7 storms: they run one after another." in page


def finish(storm: Storm) -> None:
    """As its workers would."""
    jobs.run(storm.pk, list(storm.transfers.values_list("pk", flat=True)), list(range(storm.audit_count)))
    storm.refresh_from_db()


@pytest.mark.django_db(transaction=True)
def test_lecture_is_given_scene_by_scene(admin_client, viewer, workers):
    launch_lecture(admin_client, data={"by_hand": "1"})
    first, second, *_ = Storm.objects.order_by("pk")
    assert 'id="next"' not in content(admin_client.get(url(first)))
    admin_client.post(url(first, "next"), follow=True)
    assert Storm.objects.get(pk=second.pk).state == "planned", "the first is running still"

    finish(first)
    run_job(first.pk, [], [])
    page = content(admin_client.get(url(first)))
    assert Storm.objects.get(pk=second.pk).state == "planned", "it waits for the teacher"
    assert "No lock: threads overwrite each other&#x27;s balances." in page
    assert "What will be the result of transfers: python_lock, audits: python_lock, on 1 process x 8 threads?" in page
    assert 'id="next"' not in content(viewer.get(url(first)))

    response = admin_client.post(url(first, "next"), follow=True)
    assert response.redirect_chain == [(url(second), 302)]
    assert Storm.objects.get(pk=second.pk).state == "running"


def test_error_nothing_comes_next(admin_client, running):
    page = content(admin_client.post(url(running, "next"), follow=True))

    assert "Nothing can be started after storm" in page


def test_lecture_s_rows_show_what_came_out_until_the_last_has_ended(admin_client, workers):
    launch_lecture(admin_client)
    first, *others = Storm.objects.order_by("pk")
    Storm.objects.filter(pk=first.pk).update(state="finished", report=a_report())

    seen = storms_in_a_row.observe_row(others[0])
    assert [(row.line.verdict, row.surprises) for row in seen.lines] == [("holds", True)] + [("-", False)] * 6
    assert "(not as expected)" in content(admin_client.get(url(others[0])))
    assert seen.is_live

    Storm.objects.exclude(pk=first.pk).update(state="stopped")
    assert "hx-trigger" not in content(admin_client.get(url(first, "row")))


@pytest.mark.parametrize(("count", "found"), [(0, "There is none now."), (1, "There is one now.")])
def test_error_lecture_without_several_workers(count, found, monkeypatch, admin_client):
    monkeypatch.setattr(storm_pages, "running_worker_count", lambda: count)

    assert found in content(launch_lecture(admin_client))
    assert not Storm.objects.exists()


def test_error_lecture_without_the_permission(viewer, workers):
    assert launch_lecture(viewer).status_code == 403
    assert viewer.get(reverse("admin:accounts_storm_lecture")).status_code == 405
    assert not Storm.objects.exists()


def test_storm_alone_has_no_rows(viewer, running):
    assert 'id="row"' not in content(viewer.get(url(running)))


# The first page.


def test_first_page_of_an_empty_database_says_how_to_start_workers(admin_client):
    page = content(admin_client.get(reverse("admin:index")))

    assert "run <code>manage.py qcluster</code>" in page
    assert "No storm has been launched yet." in page


@pytest.mark.parametrize(("is_busy", "word"), [(True, "busy"), (False, "idle")])
def test_first_page_tells_of_workers_and_of_the_last_storms(is_busy, word, monkeypatch, viewer, running):
    monkeypatch.setattr(home, "heartbeat", lambda: Heartbeat(4, is_busy))
    page = content(viewer.get(reverse("admin:index")))

    assert f"4 workers {word}" in page
    assert url(running) in page
    assert reverse("admin:accounts_storm_add") not in page


def test_first_page_needs_few_queries(admin_client, plan_and_launch, django_assert_max_num_queries):
    for _ in range(12):
        plan_and_launch(transfer_count=1, audit_count=0)

    with django_assert_max_num_queries(8):
        content(admin_client.get(reverse("admin:index")))


def test_first_page_keeps_storms_from_those_who_may_not_see_them(client):
    client.force_login(User.objects.create_user("nobody", is_staff=True))

    assert "No storm has been launched yet." not in content(client.get(reverse("admin:index")))


# No script in a page: a Content-Security-Policy can forbid all but files.


def test_pages_have_no_inline_script_or_style(admin_client, running, workers):
    names = (reverse("admin:accounts_storm_add"), url(running), reverse("admin:index"))
    ours = [content(admin_client.get(name)) for name in names]

    for page in ours:
        assert re.findall(r"<script(?![^>]* src=)[^>]*>", page) == []
        assert "hx-on" not in page
        assert " style=" not in page
        assert "onclick=" not in page
        assert "<style" not in page
