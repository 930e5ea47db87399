"""The lecture's story in seven storms: what each shows, and how it must come out."""

from collections.abc import Sequence
from typing import NamedTuple

from accounts.errors import BankError
from accounts.models import Report, Storm
from accounts.storms.expectations import Outcome
from accounts.storms.launch import plan_storm

# On running workers. A scene of one process is one job, and is to be done in a few seconds, also on a slow machine.
TRANSFERS, AUDITS = 1000, 100


class Scene(NamedTuple):
    """One storm of the story."""

    transfer_with: str
    audit_with: str
    worker_count: int
    thread_count: int
    expected: Outcome
    meaning: str

    def came_out_as_told(self, report: Report) -> bool:
        """Whether a storm with this report shows what the scene tells, and nothing failed in it."""
        return Outcome.of(report) is self.expected and not report.failed


SCENES = (
    Scene("no_lock", "no_lock", 1, 8, Outcome.BREAKS, "No lock: threads overwrite each other's balances."),
    Scene("python_lock", "python_lock", 1, 8, Outcome.HOLDS, "One Python lock, one process, and all take it: right."),
    Scene("python_lock", "no_lock", 1, 8, Outcome.TORN, "The missed lock: the audit does not join, and is torn."),
    Scene("python_lock", "python_lock", 4, 1, Outcome.BREAKS, "Four processes have four Python locks: worthless."),
    Scene("row_lock", "no_lock", 4, 1, Outcome.TORN, "Row locks keep the money right; the audit did not join."),
    Scene("row_lock", "row_lock", 4, 1, Outcome.HOLDS, "Row locks for all, readers too: right, and all wait."),
    Scene("row_lock", "single_statement", 4, 1, Outcome.HOLDS, "One SELECT is one snapshot: right, without waiting."),
)


def plan(*, running_workers: int) -> list[Storm]:
    """The storms of the story, to be launched in a row on running workers; BankError if it cannot be told on them."""
    if running_workers < 2:
        raise BankError(
            "The lecture shows what several worker processes do to each other: start at least two, with "
            f"`manage.py qcluster`. There {'is one' if running_workers else 'is none'} now."
        )
    return [
        plan_storm(
            transfer_with=scene.transfer_with,
            audit_with=scene.audit_with,
            worker_count=1 if scene.worker_count == 1 else running_workers,
            thread_count=scene.thread_count,
            transfer_count=TRANSFERS,
            audit_count=AUDITS,
        )
        for scene in SCENES
    ]


def scenes_of(row: Sequence[Storm]) -> list[Scene | None]:
    """What the story says about each storm of a row; nothing, if the row is not the story."""

    is_story = [_described(scene) for scene in SCENES] == [_described(storm) for storm in row]
    return list(SCENES) if is_story else [None] * len(row)


def scene_like(storm: Storm) -> Scene | None:
    """The scene that shows what this storm does, whether it was run in the story's row or alone."""
    return next((scene for scene in SCENES if _described(scene) == _described(storm)), None)


def _described(one: Scene | Storm) -> tuple[str, str, bool, int]:
    return one.transfer_with, one.audit_with, one.worker_count == 1, one.thread_count
