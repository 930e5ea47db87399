"""The code on a lab's page: the exercise; beside the schedule that refutes a file, that file as it was checked.

Only a lab's own exercise is read here. A student's lines are those that the verdict has kept.
"""

from accounts.labs.catalogue import Lab
from accounts.labs.checked_file import CheckedFile
from accounts.labs.proofs import ScheduleProof
from accounts.reporting.schedule_code import (
    ScheduleCode,
    Source,
    code_at,
    highlighted,
    highlighted_lines,
    source_of_lines,
)

PLACE = "transfer"  # on the left of the steps, as a transfer's source is


def exercise_code(lab: Lab) -> Source:
    """The exercise, as `lab start` gives it."""
    path = lab.exercise
    lines = highlighted_lines(str(path), path.stat().st_mtime_ns)
    return source_of_lines(lines, str(path), "exercise", f"{lab.name}.py", [], [])


def kept_code(file: CheckedFile, proof: ScheduleProof, step: int, *, title: str) -> ScheduleCode:
    """The file beside a schedule of it, at one of its steps; one that is not there counts as the nearest one."""
    lines, sessions = highlighted(file.text), list(proof.columns)
    return code_at(proof.steps, step, lambda taken: [source_of_lines(lines, file.path, PLACE, title, sessions, taken)])
