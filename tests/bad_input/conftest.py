"""What must be as it was after bad input: every row of every table of ours."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps

from accounts.models import Storm
from tests.support.storms import do_all, launched_storm


@pytest.fixture
def storm(transactional_db) -> Storm:
    """A storm that has ended, with something in every table."""
    storm = launched_storm(transfer_count=3, audit_count=2)
    do_all(storm)
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
