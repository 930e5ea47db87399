"""Plans of small explorations in one line, and the end of those that pages have launched."""

import threading
from pathlib import Path
from typing import Any

from accounts.explorer.plan import Plan, make_plan

STRATEGIES = Path(__file__).resolve().parents[1] / "accounts" / "explorer" / "strategies"

TWO_TRANSFERS = {"transfers": "1>2:30,1>2:5", "audits": 0}
CROSSING = {"transfers": "1>2:30,2>1:5", "audits": 0}

# What a report counts; pruning must change none of it.
COUNTS = (
    *("schedules", "torn", "incomplete", "wrong_total", "drift", "lost_updates", "accounts_off", "deadlocks"),
    *("blocked", "hung"),
)


def plan(transfer_with: str = "row_lock", audit_with: str = "no_lock", **options: Any) -> Plan:
    """A plan of one transfer and one audit, unless the options say otherwise. "my/x" is a file of these tests."""
    defaults = {"accounts": None, "transfers": "1>2:30", "audits": 1, "processes": "shared"}
    return make_plan(transfer_with=_path(transfer_with), audit_with=_path(audit_with), **(defaults | options))


def _path(name: str) -> str:
    return str(STRATEGIES / f"{name[3:]}.py") if name.startswith("my/") else name


def wait_for_explorations() -> None:
    """Return when those that were launched from pages have ended."""
    for thread in threading.enumerate():
        if thread.name.startswith("exploration "):
            thread.join(60)
            assert not thread.is_alive(), f"{thread.name} does not end"
