"""The live page: it opens in whatever state a storm is in, in few queries, for those who may."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.admin import live
from accounts.models import Storm
from accounts.storms import background_launch
from accounts.storms.active_workers import at_work
from accounts.storms.launch import plan_storm
from accounts.storms.lifecycle import end_storm
from accounts.storms.report import judge
from accounts.storms.report_text import NOT_FINAL
from accounts.storms.written_plan import enter
from tests.support.pages import HTMX, MARKUP, content, log_in_with, storm_url
from tests.support.storms import do_all, launched_storm, torn_audit

pytestmark = pytest.mark.django_db(transaction=True)  # a report is read in a transaction of its own


# Every state.


@pytest.mark.parametrize("name", ["change", "workers", "row"])
@pytest.mark.parametrize("state", ["planned", "running", "finished", "stopped", "failed"])
def test_page_opens_in_every_state(state, name, viewer, running):
    for storm in (launched_storm(audit_count=3), running):
        report = judge(storm) if state == "finished" else None
        Storm.objects.filter(pk=storm.pk).update(state=state, reason=MARKUP, report=report)

        for headers in ({}, HTMX):
            assert MARKUP not in content(viewer.get(storm_url(storm, name), headers=headers))


@pytest.fixture
def unplanned() -> Storm:
    """A storm whose plan is to be written: its thread is about to begin."""
    storm = plan_storm(transfer_with="row_lock", audit_with="no_lock", transfer_count=100, planned_count=40)
    enter(storm, "nowhere")
    return storm


@pytest.mark.parametrize("state", ["planned", "stopped"])
def test_pages_open_before_the_plan_of_a_storm_is_written(state, viewer, unplanned):
    Storm.objects.update(state=state)

    for name in ("change", "workers", "row"):
        content(viewer.get(storm_url(unplanned, name)))
    for name in ("changelist", "compare", "report"):
        assert viewer.get(reverse(f"admin:accounts_storm_{name}")).status_code == 200
    assert "<dd>0</dd>" in content(viewer.get(storm_url(unplanned))), "no drift"


def test_page_says_how_far_the_plan_is(viewer, unplanned):
    page = content(viewer.get(storm_url(unplanned)))

    assert "Its plan is being written: 40 of 100 transfers are written. It starts when all are." in page
    assert '<progress max="100" value="40" aria-label="transfers written">' in page
    assert background_launch.ENDED not in page


def test_page_says_that_the_process_which_planned_is_gone(monkeypatch, viewer, unplanned):
    monkeypatch.setattr(background_launch, "BEGINS_WITHIN_S", 0)

    page = content(viewer.get(storm_url(unplanned)))

    assert background_launch.ENDED in page
    assert "Its plan is being written" not in page


@pytest.mark.parametrize("accounts", [2, 1_000])
def test_page_of_a_small_and_a_large_bank(accounts, viewer):
    storm = launched_storm(audit_count=3, account_count=accounts, audit_with="single_statement", max_amount=10)
    do_all(storm)

    assert "30 / 30" in content(viewer.get(storm_url(storm)))


def test_audits_that_kept_only_a_sum_are_unknown(viewer):
    storm = launched_storm(audit_count=3, audit_with="single_sum")
    do_all(storm)

    assert "<dd>unknown</dd>" in content(viewer.get(storm_url(storm)))


def test_picture_of_the_locks_is_folded_on_the_page_of_a_storm_alone(viewer, running):
    assert '<summary>Where the locks are</summary> <figure class="boxes">' in content(viewer.get(storm_url(running)))

    Storm.objects.update(transfer_with="gone")

    assert "Where the locks are" not in content(viewer.get(storm_url(running)))


def test_no_storm_no_page(admin_client):
    assert admin_client.get(reverse("admin:accounts_storm_change", args=[1])).status_code == 404


def test_finished_storm_shows_its_result_and_the_next_step(viewer):
    audit = torn_audit()

    page = content(viewer.get(storm_url(audit.storm)))
    assert "It is torn: the money is right, but 1 of 1 audits saw half a transfer.</strong>" in page
    assert re.search(rf'<a class="button" id="easiest" href="/admin/accounts/audit/{audit.pk}/change/">See why', page)
    assert "waiting now" not in page


# Queries.


@pytest.mark.parametrize("name", ["change", "workers", "row"])
def test_poll_needs_few_queries(name, viewer, running, django_assert_max_num_queries):
    running.transfers.filter(status="applied").update(status="failed", reason="x")

    with django_assert_max_num_queries(15):
        content(viewer.get(storm_url(running, name), headers=HTMX))


def test_whole_page_needs_few_queries(viewer, running, django_assert_max_num_queries):
    with django_assert_max_num_queries(22):
        content(viewer.get(storm_url(running)))


def test_poll_that_costs_much_asks_less_often(monkeypatch, viewer, running):
    monkeypatch.setattr(live, "PAUSE_TO_COST", 1_000_000)

    assert 'hx-trigger="every 1s"' not in content(viewer.get(storm_url(running), headers=HTMX))


# Permissions.


@pytest.mark.parametrize("name", ["change", "workers", "row"])
def test_error_to_look_without_the_permission(name, running):
    assert log_in_with().get(storm_url(running, name)).status_code == 403


@pytest.mark.parametrize("name", ["stop", "judge"])
def test_error_to_change_without_the_permission_or_without_the_token(name, viewer, admin_user, running):
    assert viewer.post(storm_url(running, name)).status_code == 403
    assert viewer.get(storm_url(running, name)).url == storm_url(running)
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(admin_user)
    assert careful.post(storm_url(running, name)).status_code == 403

    assert running.is_still_running()


def test_buttons_are_for_those_who_may(viewer, admin_client, running):
    assert 'id="stop"' in content(admin_client.get(storm_url(running)))
    assert 'id="stop"' not in content(viewer.get(storm_url(running)))


def test_stopped_storm_is_judged_when_asked(admin_client, running):
    assert "workers check its audits" in content(admin_client.post(storm_url(running, "judge"), follow=True))
    running.refresh_from_db()
    assert running.report is None  # it runs: its workers judge it

    end_storm(running, Storm.State.STOPPED, "Enough.")
    page = content(admin_client.post(storm_url(running, "judge"), follow=True))

    assert "The result</h2>" in page
    assert running.audits.filter(torn=None).count() == 0


def test_judgement_with_active_workers_is_not_final(admin_client, running):
    end_storm(running, Storm.State.STOPPED, "Enough.")

    with at_work(running.pk):
        page = content(admin_client.post(storm_url(running, "judge"), follow=True))

    assert NOT_FINAL in page
    assert "The result</h2>" not in page
    assert "The result</h2>" in content(admin_client.post(storm_url(running, "judge"), follow=True))


def test_page_of_a_stopped_storm_follows_it_until_its_workers_have_left_it(viewer, running):
    end_storm(running, Storm.State.STOPPED, "Enough.")
    follows = f'hx-get="{storm_url(running)}" hx-trigger'

    with at_work(running.pk):
        page = content(viewer.get(storm_url(running), headers=HTMX))

    assert follows in page
    assert "Workers finish what they have begun." in page
    assert follows not in content(viewer.get(storm_url(running), headers=HTMX))


def test_stopped_storm_is_checked_on_request_only_if_it_has_audits(admin_client, running):
    without = launched_storm(audit_count=0)
    for storm in (running, without):
        end_storm(storm, Storm.State.STOPPED, "Enough.")

    assert "Check the audits so far</button>" in content(admin_client.get(storm_url(running)))
    assert "Check the audits so far" not in content(admin_client.get(storm_url(without)))


def test_error_nothing_comes_next(admin_client, running):
    page = content(admin_client.post(storm_url(running, "next"), follow=True))

    assert "Nothing can be started after storm" in page


# No script in a page: a Content-Security-Policy can forbid all but files.


def test_pages_have_no_inline_script_or_style(admin_client, running, four_workers):
    names = (reverse("admin:accounts_storm_add"), storm_url(running), reverse("admin:index"))
    ours = [content(admin_client.get(name)) for name in names]

    for page in ours:
        assert re.findall(r"<script(?![^>]* src=)[^>]*>", page) == []
        assert "hx-on" not in page
        assert " style=" not in page
        assert "onclick=" not in page
        assert "<style" not in page


def test_finished_storm_shows_its_figures(admin_client):
    storm = launched_storm(audit_count=3)
    do_all(storm)

    page = content(admin_client.get(storm_url(storm)))

    assert "30 planned: 30 applied" in page
    assert f"?storm__id__exact={storm.pk}" in page


def test_live_page_polls_while_the_storm_runs_and_stops_at_its_end(admin_client, running):
    url = storm_url(running)
    # Every second, or less often on a machine that is so busy that a look takes long.
    assert re.search(rf'hx-get="{url}" hx-trigger="every \d+s"', content(admin_client.get(url)))

    end_storm(running, Storm.State.STOPPED, "Enough.")

    assert "hx-trigger" not in content(admin_client.get(url, headers=HTMX))


def test_poll_brings_only_what_changes_in_few_queries(admin_client, django_assert_max_num_queries):
    storm = launched_storm(audit_count=3)
    do_all(storm)

    with django_assert_max_num_queries(12):
        page = content(admin_client.get(storm_url(storm), headers=HTMX))

    assert page.startswith('<div id="now"')
    assert page.count("<path class=") == 3 + 1  # the audits, and one in the legend


def test_stop_button_stops_and_is_for_those_who_may(admin_client, viewer, running):
    assert viewer.post(storm_url(running, "stop")).status_code == 403
    assert admin_client.get(storm_url(running, "stop")).url == storm_url(running)

    admin_client.post(storm_url(running, "stop"))

    running.refresh_from_db()
    assert (running.state, running.reason) == ("stopped", "Stopped by admin.")
