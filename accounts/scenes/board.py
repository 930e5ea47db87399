"""A class's results in the scenes: who has won, who has lost. Pure: records' values in, standings out."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from accounts.scenes.catalogue import Scene

WON, LOST, GIVEN_UP, NONE = "won", "lost", "given up", "not won yet"
STANDINGS = (WON, LOST, GIVEN_UP, NONE)

# What is to be read of a record.
KEPT = ("student", "scene", "steps", "won_at", "lost_at", "shown_at")

Records = Mapping[tuple[str, str], Mapping[str, Any]]  # by student and scene


def by_place(records: Iterable[Mapping[str, Any]]) -> Records:
    """The records, whose keys are those of `KEPT`, by student and scene."""
    return {(record["student"], record["scene"]): record for record in records}


def standing(record: Mapping[str, Any] | None) -> str:
    """How a student stands in a scene. What was won stays won, also if it had been lost before."""
    record = record or {}
    if record.get("won_at"):
        return WON
    if record.get("lost_at"):
        return LOST
    return GIVEN_UP if record.get("shown_at") else NONE


def count(scene: Scene, records: Records, students: Iterable[str]) -> dict[str, int]:
    """How many of these students stand how in a scene; in the order of STANDINGS."""
    counts = Counter(standing(records.get((student, scene.name))) for student in students)
    return {name: counts[name] for name in STANDINGS}
