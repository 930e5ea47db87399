"""The live page: whatever state a storm is in, in few queries, for those who may; and the lecture."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import Failure

from accounts import jobs, storms
from accounts.admin import live
from accounts.admin import storms as storm_pages
from accounts.lecture import SCENES
from accounts.models import Audit, Storm, Transfer
from accounts.observatory import hands, house, lanes, now, row, sessions
from accounts.presence import at_work
from accounts.stories import NOT_FINAL
from accounts.strategies.row_lock import transfer
from accounts.workers import Heartbeat

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
MARKUP = "<script>alert(1)</script>"


@pytest.fixture
def plan_and_launch():
    def launch(**choices) -> Storm:
        defaults = {"transfer_with": "row_lock", "audit_with": "no_lock", "transfer_count": 30, "audit_count": 3}
        storm = storms.plan(**defaults | choices)
        storms.launch(storm, queue="nowhere")
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
        report = storms.reports.judge(storm) if state == "finished" else None
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

    seen = now.observe(Storm.objects.get(pk=running.pk))

    assert (seen["transfers_done"], seen["percent"], seen["audits"]["taken"], seen["audits"]["judged"]) == (
        15,
        50,
        2,
        0,
    )
    assert 1 < seen["speed"] < 1.6
    assert seen["drift"] == 0
    assert "0 judged of 2 taken" in content(viewer.get(url(running)))


@pytest.mark.parametrize("queue", ["private-x", Conf.CLUSTER_NAME])
def test_running_storm_that_nobody_works_on_says_what_to_do(queue, viewer, running):
    Storm.objects.update(queue=queue)
    says = {
        "private-x": "Nobody works on it any more",
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

    assert hands.what_is_missing(running) == ""

    with connection.cursor() as cursor:
        cursor.execute("RESET application_name")
    assert hands.what_is_missing(running) == hands.DESERTED


def test_drift_is_seen_while_the_storm_runs(running):
    running.bank.accounts.filter(number=1).update(balance=5)

    assert now.observe(running)["drift"] == running.bank.total - 44_500 != 0


def test_drawn_audits_are_evenly_chosen_and_the_others_counted(monkeypatch, running):
    monkeypatch.setattr(now, "MOST_DOTS", 10)
    taken = {"bank_id": running.bank_id, "storm": running, "status": "taken", "total": 1, "expected_total": 1}
    Audit.objects.bulk_create(Audit(number=n, started_at=timezone.now(), **taken) for n in range(2, 25))

    seen = now.observe(running)

    assert len(seen["chart"].dots) == 9
    assert seen["dots_left_out"] == 16


@pytest.mark.parametrize(
    ("torn", "wrong", "kind"),
    [
        (True, True, "torn"),
        (True, False, "luck"),
        (False, True, "wrong"),
        (False, False, "right"),
        (None, True, "unjudged"),
        (None, False, "right"),
    ],
)
def test_kind_of_an_audit(torn, wrong, kind):
    assert now.kind_of(torn, wrong=wrong) == kind


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
    seen = lanes.observe_workers(timed, at="0.35", span="0.3")

    assert [(one.lane, round(one.begin_s, 1)) for one in seen["operations"]] == [
        *(("h:1", 0.3), ("h:0", 0.4), ("h:1", 0.5), ("h:0", 0.6)),
    ]
    assert not seen["is_capped"]
    assert not seen["follows"]
    assert seen["duration_s"] == 1.5


def test_window_says_that_it_is_capped(monkeypatch, timed, viewer):
    monkeypatch.setattr(lanes, "MOST_OPERATIONS", 5)

    shown = content(viewer.get(url(timed, "workers"), {"at": "0", "span": "60"}))

    assert "Only the first 5 bars are drawn" in shown
    assert shown.count("<rect class=") - shown.count('class="waiting"') == 5


def test_batch_is_one_bar(plan_and_launch):
    storm = plan_and_launch(transfer_with="batch")
    run_all(storm)

    bars = lanes.observe_workers(Storm.objects.get(pk=storm.pk), at="0", span="60")["operations"]

    assert [one.what for one in bars if not one.is_audit] == ["batch of 30 transfers"]


@pytest.mark.parametrize("at", ["", "x", "nan", "inf", "-inf", "-5", "1e308", "99999"])
@pytest.mark.parametrize("span", ["", "x", "nan", "inf", "-1", "0", "1e308"])
def test_window_takes_anything_that_is_typed(at, span, timed):
    seen = lanes.observe_workers(timed, at=at, span=span)

    assert 0 <= seen["window"].at_s <= seen["duration_s"]
    assert 0.01 <= seen["window"].span_s <= 60


def test_window_follows_a_running_storm_until_it_is_moved(viewer, running):
    Storm.objects.filter(pk=running.pk).update(started_at=timezone.now() - timedelta(seconds=10))

    assert "hx-trigger" in content(viewer.get(url(running, "workers")))
    moved = content(viewer.get(url(running, "workers"), {"at": "1", "span": "0.5"}))
    assert "hx-trigger" not in moved
    assert "Follow the storm" in moved


def test_faults_are_marked_and_listed_whatever_was_recorded(viewer, timed):
    at = (timed.started_at + timedelta(seconds=0.5)).isoformat()
    faults = [{"at": at, "kind": "kill", "what": MARKUP}, {"at": "yesterday"}, {"at": "2026-01-01T00:00:00"}, {}]
    Storm.objects.filter(pk=timed.pk).update(faults=faults)

    shown = content(viewer.get(url(timed, "workers"), {"at": "0", "span": "1"}))

    assert shown.count('<line class="mark"') == 1
    assert shown.count("<td>kill</td>") == 1
    assert shown.count("<td>fault</td>") == 3
    assert MARKUP not in shown


# Who waits for whom.


@pytest.mark.django_db(transaction=True)
def test_session_that_waits_is_shown_with_the_one_it_waits_for(plan_and_launch, viewer, stage, order, open_bank):
    bank = open_bank(100, 100)
    first, second = order(bank, 1, 2, 10), order(bank, 1, 2, 10)
    storm = plan_and_launch()
    stage.begin({"t": lambda: transfer(first), "a": lambda: transfer(second)})
    assert stage.step("t")
    assert not stage.step("a")

    seen = sessions.observe_waits()
    page = content(viewer.get(url(storm), headers=HTMX))

    (holder, waiter) = (line.session for line in seen["waits"].lines)
    assert (seen["waiting"], waiter.waits_for) == (1, (holder.pid,))
    assert "FOR UPDATE" in waiter.short_sql
    assert page.count('class="arrow"') == 1
    assert f"<td>{holder.pid} </td>" in page


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

    assert "<td>3</td><td>40P01: &lt;script&gt;" in page
    assert "55P03: lock timeout" in page
    assert f"Job storm-{running.pk}-job-1 raised: Oops &lt;script&gt;" in page
    assert f"storm-{other.pk}-job-1" not in page
    assert MARKUP not in page


# Queries.


@pytest.mark.parametrize("name", ["change", "workers", "row"])
def test_poll_needs_few_queries(name, viewer, running, django_assert_max_num_queries):
    running.transfers.filter(status="applied").update(status="failed", reason="x")

    with django_assert_max_num_queries(15):
        content(viewer.get(url(running, name), headers=HTMX))


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
    assert "still" not in content(admin_client.post(url(running, "judge"), follow=True))
    running.refresh_from_db()
    assert running.report is None  # it runs: its workers judge it

    storms.end(running, Storm.State.STOPPED, "Enough.")
    page = content(admin_client.post(url(running, "judge"), follow=True))

    assert "What it came to" in page
    assert running.audits.filter(torn=None).count() == 0


def test_stopped_storm_whose_workers_are_still_at_it_is_judged_and_not_for_good(admin_client, running):
    storms.end(running, Storm.State.STOPPED, "Enough.")

    with at_work(running.pk):
        page = content(admin_client.post(url(running, "judge"), follow=True))

    assert NOT_FINAL in page
    assert "What it came to" not in page
    assert "What it came to" in content(admin_client.post(url(running, "judge"), follow=True))


# The launch page.


def test_launch_page_offers_the_lecture_and_a_storm_as_two_forms(admin_client, workers):
    """In one form, Enter in a field would press the form's first button, whichever that is."""
    page = content(admin_client.get(reverse("admin:accounts_storm_add")))

    lecture, _, storm = page.partition('id="storm_form"')
    assert "Launch the lecture</button>" in lecture
    assert storm.count('type="submit"') == 1
    assert 'value="Launch"' in storm


# The lecture.


def launch_lecture(client, **options):
    return client.post(reverse("admin:accounts_storm_lecture"), follow=True, **options)


def test_lecture_is_launched_and_shown_with_one_click(admin_client, workers):
    response = launch_lecture(admin_client)

    first = Storm.objects.order_by("pk").first()
    assert response.redirect_chain == [(url(first), 302)]
    assert list(Storm.objects.order_by("pk").values_list("transfer_with", "audit_with", "worker_count")) == [
        (scene.transfer_with, scene.audit_with, scene.worker_count) for scene in SCENES
    ]
    page = content(response)
    for scene in SCENES:
        assert scene.meaning.replace("'", "&#x27;") in page
    assert "The lecture&#x27;s 7 storms run one after another." in page


def test_lecture_s_rows_show_what_came_out_until_the_last_has_ended(admin_client, workers):
    launch_lecture(admin_client)
    first, *others = Storm.objects.order_by("pk")
    report = storms.reports.judge(first)
    damaged = report["transfers"] | {"pending": 0, "applied": first.transfer_count}
    audited = report["audits"] | {"taken": first.audit_count}
    report |= {"transfers": damaged, "audits": audited}
    Storm.objects.filter(pk=first.pk).update(state="finished", report=report)

    seen = row.observe_row(others[0])
    assert [(line["outcome"], line["surprises"]) for line in seen["row"]] == [("holds", True)] + [("", False)] * 6
    assert "(not as told)" in content(admin_client.get(url(others[0])))
    assert seen["row_is_live"]

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
    monkeypatch.setattr(house, "heartbeat", lambda: Heartbeat(4, is_busy))
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
