"""The admin: pages open, in few queries; evidence is read-only; storms are launched by those who may."""

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from accounts.admin import storms as storm_pages
from accounts.models import Audit, Storm, Transfer
from accounts.storms import jobs
from accounts.storms.launch import launch as launch_storm
from accounts.storms.launch import plan_storm
from accounts.storms.lifecycle import end_storm

pytestmark = pytest.mark.django_db

MODELS = ["bank", "account", "transfer", "audit", "storm"]


@pytest.fixture
def storm() -> Storm:
    """A finished storm."""
    storm = plan_storm(transfer_with="row_lock", audit_with="no_lock", transfer_count=30, audit_count=3)
    launch_storm(storm, queue="nowhere")
    jobs.run(storm.pk, list(storm.transfers.values_list("pk", flat=True)), [])
    jobs.run(storm.pk, [], list(range(3)))
    storm.refresh_from_db()
    return storm


@pytest.fixture
def workers(monkeypatch) -> None:
    """Four workers seem to be there."""
    monkeypatch.setattr(storm_pages, "running_worker_count", lambda: 4)


def page(model: str, name: str, *args: int) -> str:
    return reverse(f"admin:accounts_{model}_{name}", args=args)


@pytest.mark.parametrize("model", MODELS)
def test_list_opens_empty(model, admin_client):
    assert admin_client.get(page(model, "changelist")).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_list_needs_few_queries(model, admin_client, storm, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        response = admin_client.get(page(model, "changelist"))

    assert response.status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_row_is_shown_and_cannot_be_changed_or_deleted(model, admin_client, storm):
    rows = {"bank": storm.bank, "account": storm.bank.accounts.first(), "storm": storm}
    row = rows.get(model) or {"transfer": Transfer, "audit": Audit}[model].objects.first()

    assert admin_client.get(page(model, "change", row.pk)).status_code == 200
    if model != "storm":  # whose page has no form
        assert admin_client.post(page(model, "change", row.pk), {"balance": 0}).status_code == 403
    assert admin_client.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403


# Audits of every kind, one each: how much the total is off (None: it failed, and has none), and what was noted on it.
AUDITS = {
    "torn": {"off": 5, "torn": True},
    "right by luck": {"off": 0, "torn": True},
    "of wrong money": {"off": 5, "torn": False},
    "right": {"off": 0, "torn": False},
    "incomplete": {"off": -5, "torn": False, "explanation": {"incomplete": True}},
    "incomplete by nothing": {"off": 0, "torn": False, "explanation": {"incomplete": True}},
    "not judged, wrong": {"off": 5, "torn": None},
    "not judged": {"off": 0, "torn": None},
    "failed": {"off": None, "status": "failed", "reason": "deadlock"},
}


@pytest.fixture
def audits() -> dict[int, str]:
    """Those of AUDITS, by their primary keys."""
    storm = plan_storm(transfer_with="row_lock", audit_with="no_lock", transfer_count=1, audit_count=len(AUDITS))
    launch_storm(storm, queue="nowhere")
    right = storm.bank.opening_total
    rows = {}
    for number, (name, facts) in enumerate(AUDITS.items()):
        kept = {
            "bank": storm.bank,
            "storm": storm,
            "number": number,
            "expected_total": right,
            "status": "taken",
        } | facts
        off = kept.pop("off")
        rows[Audit.objects.create(total=None if off is None else right + off, **kept).pk] = name
    return rows


@pytest.mark.parametrize(
    ("judgement", "shown"),
    [
        ("torn", {"torn", "right by luck"}),
        ("luck", {"right by luck"}),
        ("incomplete", {"incomplete", "incomplete by nothing"}),
        ("wrong", {"torn", "of wrong money", "incomplete", "not judged, wrong"}),
        ("right", {"right", "not judged"}),
        ("", set(AUDITS)),
    ],
)
def test_audits_are_filtered_by_judgement(judgement, shown, admin_client, audits):
    response = admin_client.get(page("audit", "changelist"), {"judgement": judgement} if judgement else {})

    assert {audits[audit.pk] for audit in response.context["cl"].queryset} == shown


def test_storm_s_page_says_what_it_came_to(admin_client, storm):
    content = admin_client.get(page("storm", "change", storm.pk)).content.decode()

    assert "30 planned: 30 applied" in content
    assert f"?storm__id__exact={storm.pk}" in content


def launch(client, **choices):
    defaults = {"transfer_with": "row_lock", "audit_with": "no_lock", "transfer_count": 20, "audit_count": 2}
    more = {"account_count": 6, "thread_count": 1, "max_amount": 100, "seed": 1}
    return client.post(page("storm", "add"), {**defaults, **more, **choices}, follow=True)


def test_adding_a_storm_launches_it(admin_client, workers):
    response = launch(admin_client)

    storm = Storm.objects.get()
    assert (storm.state, storm.worker_count, storm.transfers.count()) == ("running", 4, 20)
    assert "was given to 4 workers" in response.content.decode()
    assert response.redirect_chain[-1][0] == page("storm", "change", storm.pk)


def test_launch_page_says_that_no_worker_is_there(admin_client):
    content = admin_client.get(page("storm", "add")).content.decode()

    assert "No worker is running: start some with <code>manage.py qcluster</code>" in content


def test_error_launch_without_workers(admin_client):
    content = launch(admin_client).content.decode()

    assert "No worker is running: start some with `manage.py qcluster`, then try again." in content
    assert not Storm.objects.exists()


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({"transfer_count": 0}, "choose 1 to 1,000,000."),
        ({"account_count": 1}, "choose 2 to 1,000,000."),
        ({"max_amount": 44_501}, "max amount cannot be 44,501: all accounts together hold 44,500."),
        ({"transfer_with": "/tmp/mine.py"}, "Select a valid choice."),
        ({"seed": "x"}, "Enter a whole number."),
    ],
)
def test_error_launch_that_cannot_be(choices, sentence, admin_client, workers):
    content = launch(admin_client, **choices).content.decode()

    assert sentence in content
    assert not Storm.objects.exists()


def test_error_launch_without_the_permission(client, workers):
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_storm"))
    client.force_login(viewer)

    assert launch(client).status_code == 403
    assert client.get(page("storm", "changelist")).status_code == 200
    assert not Storm.objects.exists()


# The live page.


@pytest.fixture
def running() -> Storm:
    storm = plan_storm(transfer_with="row_lock", audit_with="no_lock", transfer_count=30, audit_count=3)
    launch_storm(storm, queue="nowhere")
    return storm


def test_live_page_polls_while_the_storm_runs_and_stops_at_its_end(admin_client, running):
    url = page("storm", "change", running.pk)
    assert f'hx-get="{url}" hx-trigger="every 1s"' in admin_client.get(url).content.decode()

    end_storm(running, Storm.State.STOPPED, "Enough.")

    assert "hx-trigger" not in admin_client.get(url, headers={"HX-Request": "true"}).content.decode()


def test_poll_brings_only_what_changes_in_few_queries(admin_client, storm, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        content = admin_client.get(page("storm", "change", storm.pk), headers={"HX-Request": "true"}).content.decode()

    assert content.strip().startswith('<div id="now"')
    assert content.count("<circle") == 3 + 1  # the dots, and one in the legend


def test_stop_button_stops_and_is_for_those_who_may(admin_client, client, running):
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_storm"))
    client.force_login(viewer)
    assert client.post(page("storm", "stop", running.pk)).status_code == 403
    assert admin_client.get(page("storm", "stop", running.pk)).url == page("storm", "change", running.pk)

    admin_client.post(page("storm", "stop", running.pk))

    running.refresh_from_db()
    assert (running.state, running.reason) == ("stopped", "Stopped by admin.")
