"""A cell of the isolation matrix, as `explore --matrix --json` writes it."""

from pathlib import Path
from typing import Any

from accounts.explorer import anomalies

HERE = Path(anomalies.__file__).parent


def _place(file: str, line: int) -> dict[str, Any]:
    return {"file": str(HERE / f"{file}.py"), "line": line, "function": "session"}


def _step(session: str, text: str, *code: dict[str, Any]) -> dict[str, Any]:
    return {
        "session": session,
        "step": text,
        "sql": text,
        "waited_for": [],
        "went_on": {},
        "error": "",
        "code": [*code],
    }


CELL = {
    **{"anomaly": "dirty_read", "row": "ReadCommitted", "possible": 0, "schedules": 10, "run": 6},
    **{"is_exhaustive": True, "refused": {}, "schedule": ""},
    "steps": [
        _step("writer", "UPDATE accounts_account", _place("dirty_read", 19)),
        _step("reader", "COMMIT", _place("protections", 33), _place("dirty_read", 25)),
    ],
}
