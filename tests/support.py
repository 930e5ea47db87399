"""Plans of small explorations in one line."""

from pathlib import Path
from typing import Any

from accounts.explorer.plan import Plan, make_plan

STRATEGIES = Path(__file__).parent / "accounts" / "explorer" / "strategies"


def plan(transfer_with: str = "row_lock", audit_with: str = "no_lock", **options: Any) -> Plan:
    """A plan of one transfer and one audit, unless the options say otherwise. "my/x" is a file of these tests."""
    defaults = {"accounts": None, "transfers": "1>2:30", "audits": 1, "processes": "shared"}
    return make_plan(transfer_with=_path(transfer_with), audit_with=_path(audit_with), **(defaults | options))


def _path(name: str) -> str:
    return str(STRATEGIES / f"{name[3:]}.py") if name.startswith("my/") else name
