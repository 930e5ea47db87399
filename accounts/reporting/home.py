"""The first page: are there workers, and what has been run?"""

from typing import Any

from accounts.cluster.subprocesses import heartbeat
from accounts.models import Storm
from accounts.reporting.storms_in_a_row import outcome_of

MOST_STORMS = 8


def observe_house() -> dict[str, Any]:
    """The workers' heartbeat and the last storms."""
    storms = Storm.objects.defer("faults")[:MOST_STORMS]
    return {
        "heartbeat": heartbeat(),
        "last_storms": [{"storm": storm, "outcome": outcome_of(storm)} for storm in storms],
    }
