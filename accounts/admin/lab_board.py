"""What the class's board shows: how many answered each question right, and the names if they are asked for."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Q

from accounts.admin.scene_board import kept_records, observe_scenes, scene_rows, students_in
from accounts.labs import board
from accounts.labs.catalogue import Lab, all_labs
from accounts.models import LabRecord
from accounts.permissions import STUDENT, TEACHER
from accounts.reporting.charts import answer_bars, shares

STUDENTS_PER_PAGE = 60
EVERY_S = 3  # a class answers more slowly than a storm runs

# The judgement of an answer, in words.
WORDS = {board.RIGHT: "right", board.WRONG: "wrong", board.OPEN: "not run yet", board.NONE: "not predicted"}


def observe_class(chosen_lab: Lab | None, *, with_names: bool, with_answers: bool, page: str | None) -> dict[str, Any]:
    """The chosen lab, or all that a student has begun, and the scenes. A teacher is no student of the class.

    Without names, nothing shows which student gave which answer. Answers are shown when asked for: the board is
    projected while students still predict.
    """
    records = list(LabRecord.objects.values(*board.KEPT))
    begun_labs = board.touched(all_labs(), records)
    labs = [chosen_lab] if chosen_lab else begun_labs
    logins = User.objects.filter(groups__name=STUDENT).values_list("username", flat=True)
    teachers = User.objects.filter(Q(groups__name=TEACHER) | Q(is_superuser=True)).values_list("username", flat=True)
    scenes = kept_records()
    students = sorted({*logins, *students_in(scenes), *(record["student"] for record in records)} - {*teachers})
    rows = board.board(labs, records, students)
    shown = Paginator(rows, STUDENTS_PER_PAGE).get_page(page) if with_names else None
    return {
        "chosen": chosen_lab,
        "choices": sorted({*begun_labs, *labs}, key=lambda lab: lab.number),
        "labs": labs,
        "class_size": len(rows),
        "lessons": [_lesson(lab, [row.cells[place] for row in rows]) for place, lab in enumerate(labs)],
        "with_names": with_names,
        "with_answers": with_answers,
        "shown": shown,
        "scenes": [] if chosen_lab else observe_scenes(scenes, students),
        "scene_rows": scene_rows(scenes, [row.student for row in shown]) if shown and not chosen_lab else [],
        "legend": [(judgement, sign, WORDS[judgement]) for judgement, sign in board.SIGNS.items()],
        "every_s": EVERY_S,
    }


def _lesson(lab: Lab, cells: Sequence[board.Progress]) -> dict[str, Any]:
    """One lab: how many have predicted and passed, and a bar for each question."""
    return {
        "lab": lab,
        "predicted": sum(cell.predicted for cell in cells),
        "passed": sum(cell.passed for cell in cells),
        "questions": [
            {
                "text": tally.text,
                "counts": [(judgement, board.SIGNS[judgement], count) for judgement, count in tally.counts.items()],
                "alternative": ", ".join(f"{count} {WORDS[judgement]}" for judgement, count in tally.counts.items()),
                "bar": shares(tally.counts),
                "answers": answer_bars(tally.answers),
            }
            for tally in board.tallies(lab, cells)
        ],
    }
