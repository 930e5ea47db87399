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


@pytest.mark.parametrize("judgement", ["torn", "luck", "wrong", "right"])
def test_audits_are_filtered_by_judgement(judgement, admin_client, storm):
    assert admin_client.get(page("audit", "changelist"), {"judgement": judgement}).status_code == 200
