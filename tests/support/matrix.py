"""A cell of the isolation matrix, as `explore --matrix --json` writes it."""

CELL = {
    **{"anomaly": "dirty_read", "row": "ReadCommitted", "possible": 0, "schedules": 10, "run": 6},
    **{"is_exhaustive": True, "refused": {}, "schedule": ""},
    "steps": [
        {"session": "writer", "text": "UPDATE accounts_account", "went_on": {}, "code": [["dirty_read.py", 19]]},
        {"session": "reader", "text": "COMMIT", "went_on": {}, "code": [["protections.py", 33], ["dirty_read.py", 25]]},
    ],
}
