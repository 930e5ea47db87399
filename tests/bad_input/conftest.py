"""What must be as it was after bad input: every row of every table of ours."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps

from accounts.models import Storm
from accounts.storms import jobs
from accounts.storms.launch import launch, plan_storm


@pytest.fixture
def storm(db) -> Storm:
    """A storm that has ended, with something in every table."""
    storm = plan_storm(transfer_with="row_lock", audit_with="no_lock", transfer_count=3, audit_count=2)
    launch(storm, queue="nowhere")
    jobs.run(storm.pk, list(storm.transfers.values_list("pk", flat=True)), [])
    jobs.run(storm.pk, [], [0, 1])
    storm.refresh_from_db()
    return storm


@pytest.fixture
def rows() -> Callable[[], dict[str, list]]:
    """rows(): everything that our tables hold."""

    def rows() -> dict[str, list[Any]]:
        return {model.__name__: list(model.objects.order_by("pk").values()) for model in our_models()}

    return rows


@pytest.fixture
def unchanged(storm, rows) -> Iterator[Storm]:
    """A bank that must be the same after the test."""
    before = rows()
    yield storm
    assert rows() == before


def our_models() -> list[Any]:
    return list(apps.get_app_config("accounts").get_models())
