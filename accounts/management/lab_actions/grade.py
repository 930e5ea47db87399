"""`lab grade FOLDER`: what a class has handed in is marked."""

import math
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from django.core.management.base import CommandParser, OutputWrapper
from rich.console import Console

from accounts.errors import BankError
from accounts.labs import examination
from accounts.labs.hand_ins import HandIn, collect
from accounts.labs.marking import Mark, check_that_it_works, mark_class
from accounts.labs.submission_server import SubmissionServer
from accounts.management.arguments import to_json
from accounts.management.labs import say
from accounts.management.marks import print_marks, progress, write_csv
from accounts.management.output import check_targets

HELP = "mark a class: a folder for each student"
EXAMPLE = "lab grade class/ --csv marks.csv"
MORE_HELP = """
In each student's folder (it is called as the student's --student NAME was) are files such as lab02.py, or those of
my_labs/. Each is checked in a process of its own, with a database of its own; no storm is run, so that the marks are
the same every time. Such a file can do what you can: read "A class is marked" in docs/labs.md first.

exit status:
  0    the class is marked, whatever the marks are
  1    it is not: nothing to mark, or F cannot be written; nothing was written
  3    it is marked but for files that are not graded yet: neither refuted nor proved, also when graded again at the end
  130  interrupted; nothing was written
"""
NOT_GRADED_YET = 3


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="holds a folder for each student")
    parser.add_argument("--csv", type=Path, metavar="F", help="write the marks there, one row for each file")
    parser.add_argument("--overwrite", action="store_true", help="also if F is there already")
    parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")
    limit = examination.TIME_LIMIT_S
    help = f"seconds without any progress, after which a file is not graded yet (default: {limit})"
    parser.add_argument("--time-limit", type=float, default=limit, metavar="S", help=help)


def run(
    console: Console,
    stdout: OutputWrapper,
    *,
    folder: Path,
    csv: Path | None,
    overwrite: bool,
    json: bool,
    time_limit: float,
    **_options: object,
) -> None:
    if not (math.isfinite(time_limit) and time_limit > 0):
        raise BankError(f"--time-limit cannot be {time_limit:g}: choose more than 0 seconds.")
    if csv is not None:
        check_targets({"--csv": str(csv)}, overwrite=overwrite, overwrite_option="--overwrite")
    hand_ins, others = collect(folder)
    marks = _mark_all(hand_ins, time_limit_s=time_limit)
    if csv is not None:
        write_csv(csv, marks)
    if json:
        stdout.write(to_json({"marks": [asdict(mark) for mark in marks], "not_graded": list(map(str, others))}))
    else:
        _print(console, marks, folder=folder, others=others, csv=csv)
    if not all(mark.is_graded for mark in marks):
        raise SystemExit(NOT_GRADED_YET)


def _mark_all(hand_ins: Sequence[HandIn], *, time_limit_s: float) -> list[Mark]:
    """The marks in the order of the hand-ins; a line on stderr for each as it is known."""
    marks: list[Mark] = []
    with SubmissionServer() as server:
        check_that_it_works(server, hand_ins[0].lab, time_limit_s=time_limit_s)
        for mark in mark_class(server, hand_ins, time_limit_s=time_limit_s):
            marks.append(mark)
            print(f"{len(marks):>4} of {len(hand_ins)}  {progress(mark)}", file=sys.stderr, flush=True)
    places = {(hand_in.student, hand_in.lab.number): place for place, hand_in in enumerate(hand_ins)}
    return sorted(marks, key=lambda mark: places[mark.student, mark.lab])


def _print(console: Console, marks: Sequence[Mark], *, folder: Path, others: Sequence[Path], csv: Path | None) -> None:
    print_marks(console, marks)
    undecided = [f"{mark.student}, lab {mark.lab}: {mark.message}" for mark in marks if not mark.is_graded]
    for text in undecided:
        say(console, text)
    loose = [file for file in others if file.parent == folder]
    unknown = [file for file in others if file not in loose]
    for why, files in (("their names are no lab's", unknown), ("they are in no student's folder", loose)):
        if files:
            say(console, f"Not graded, as {why}: {', '.join(map(str, files))}.")
    if csv is not None:
        say(console, f"The marks are in {csv}.")
