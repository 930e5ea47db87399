"""Explorations in one line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accounts.explorer import explore as exploration
from accounts.explorer.plan import Plan, make_plan

HERE = Path(__file__).parent


def plan(transfer_with: str = "row_lock", audit_with: str = "no_lock", **options: Any) -> Plan:
    """A plan of one transfer and one audit, unless the options say otherwise. "my/x" is a file of these tests."""
    defaults = {"accounts": None, "transfers": "1>2:30", "audits": 1, "processes": "shared"}
    return make_plan(transfer_with=_path(transfer_with), audit_with=_path(audit_with), **(defaults | options))


def _path(name: str) -> str:
    return str(HERE / "strategies" / f"{name[3:]}.py") if name.startswith("my/") else name


@pytest.fixture
def explore(transactional_db) -> Callable[..., dict[str, Any]]:
    """explore("row_lock", "no_lock", prune=False): what came of it, as a report."""

    def explore(transfer_with: str, audit_with: str = "single_statement", **options: Any) -> dict[str, Any]:
        search = {name: options.pop(name) for name in ("prune", "limit", "seed") if name in options}
        return exploration.explore(plan(transfer_with, audit_with, **options), **search).report()

    return explore
