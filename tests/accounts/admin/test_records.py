"""Lists open in few queries, and evidence is read-only."""

import pytest
from django.urls import reverse

from accounts.models import Audit, Storm, Transfer
from tests.support.storms import do_all, launched_storm

pytestmark = pytest.mark.django_db(transaction=True)  # a report is read in a transaction of its own


MODELS = ["bank", "account", "transfer", "audit", "storm"]


@pytest.fixture
def storm() -> Storm:
    """A finished storm."""
    storm = launched_storm(audit_count=3)
    do_all(storm)
    return storm


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
    storm = launched_storm(transfer_count=1, audit_count=len(AUDITS))
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
        ("torn", {"torn"}),
        ("luck", {"right by luck"}),
        ("incomplete", {"incomplete", "incomplete by nothing"}),
        ("wrong", {"of wrong money"}),
        ("right", {"right"}),
        ("unknown", {"not judged, wrong", "not judged"}),
        ("failed", {"failed"}),
        ("", set(AUDITS)),
    ],
)
def test_audits_are_filtered_by_judgement(judgement, shown, admin_client, audits):
    response = admin_client.get(page("audit", "changelist"), {"judgement": judgement} if judgement else {})

    assert {audits[audit.pk] for audit in response.context["cl"].queryset} == shown


def test_key_in_a_list_is_written_as_it_is_searched_for(admin_client, storm):
    Audit.objects.filter(pk=storm.audits.first().pk).update(id=1_234_567)

    listed = admin_client.get(page("audit", "changelist"), {"q": "1234567"}).content.decode()

    assert ">1234567</a>" in listed
    assert "1,234,567" not in listed
