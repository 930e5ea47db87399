"""What the class's board shows of the scenes: how many have won each, and the names if they are asked for."""

from collections.abc import Sequence
from typing import Any

from accounts.labs.board import NONE, OPEN, RIGHT, SIGNS, WRONG
from accounts.models import SceneRecord
from accounts.reporting.charts import shares
from accounts.scenes import board
from accounts.scenes.catalogue import SCENES, Scene

# How a standing is marked: as answers are on the class's board.
MARKS = {board.WON: RIGHT, board.LOST: WRONG, board.GIVEN_UP: OPEN, board.NONE: NONE}


def kept_records() -> board.Records:
    """The records of all students, in one query."""
    return board.by_place(SceneRecord.objects.values(*board.KEPT))


def students_in(records: board.Records) -> set[str]:
    """The students that have won or lost a scene, or given one up."""
    return {student for student, _scene in records}


def scenes_played(records: board.Records) -> list[tuple[int, Scene]]:
    """The scenes of which there is a record, each with its place, from 1."""
    names = {scene for _student, scene in records}
    return [(place, scene) for place, scene in enumerate(SCENES, start=1) if scene.name in names]


def observe_scenes(records: board.Records, students: Sequence[str]) -> list[dict[str, Any]]:
    """For each scene that was played: how many of the students stand how in it."""
    return [
        {"place": place, "title": scene.title, **_bar(board.count(scene, records, students))}
        for place, scene in scenes_played(records)
    ]


def scene_rows(records: board.Records, students: Sequence[str]) -> list[dict[str, Any]]:
    """A row for each student, and in it a mark for each scene that was played."""
    scenes = scenes_played(records)
    return [
        {"student": student, "cells": [_cell(records.get((student, scene.name))) for _place, scene in scenes]}
        for student in students
    ]


def _bar(counts: dict[str, int]) -> dict[str, Any]:
    return {
        "counts": [(MARKS[name], SIGNS[MARKS[name]], count) for name, count in counts.items()],
        "alternative": ", ".join(f"{count} {name}" for name, count in counts.items()),
        "bar": shares({MARKS[name]: count for name, count in counts.items()}),
    }


def _cell(record: Any) -> dict[str, Any]:
    standing = board.standing(record)
    return {
        "mark": MARKS[standing],
        "sign": SIGNS[MARKS[standing]],
        "text": standing,
        "steps": (record or {}).get("steps"),
    }
