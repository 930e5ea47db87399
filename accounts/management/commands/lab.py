"""Classroom labs: predict, do, observe, repair, be checked."""

import argparse
import getpass
import math
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Console

from accounts.errors import BankError
from accounts.labs import examination, records
from accounts.labs.catalogue import Lab, all_labs, find_lab
from accounts.labs.hand_ins import collect
from accounts.labs.marking import Mark, check_that_it_works, mark_class
from accounts.labs.quarantine import Quarantine
from accounts.labs.questions import AnswersRefused, Question
from accounts.labs.workbench import copy_exercise, working_file
from accounts.management.arguments import to_json
from accounts.management.command import BankCommand, HelpFormatter
from accounts.management.labs import WIDTH, print_list, print_observed, print_truth, print_verdict, say
from accounts.management.marks import print_marks, progress, write_csv
from accounts.management.output import check_targets
from accounts.models import LabRecord

EXAMPLES = {
    "start": ("copy the exercise to my_labs/ and read the story", "lab start 2"),
    "predict": ("say what will happen, before it does", "lab predict 2 --answer torn=yes --answer end=no"),
    "run": ("see what happens, and whether you knew", "lab run 2"),
    "check": ("grade your file; exit status 0 only when it passes", "lab check 2 --json"),
    "hint": ("unfold one hint more, three in all", "lab hint 2"),
    "solution": ("one repair that holds, once yours has passed", "lab solution 2"),
    "grade": ("mark a class: a folder for each student", "lab grade class/ --csv marks.csv"),
}
MAX_NAME = LabRecord._meta.get_field("student").max_length
GRADE = """
In each student's folder (it is called as the student's --student NAME was) are files such as lab02.py, or those of
my_labs/. Each is checked in a process of its own, with a database of its own; no storm is run, so that the marks are
the same every time. Such a file can do what you can: read "A class is marked" in docs/labs.md first.

exit status:
  0    the class is marked, whatever the marks are
  1    it is not: nothing to mark, or F cannot be written; nothing was written
  130  interrupted; nothing was written
"""


class Command(BankCommand):
    help = "Labs: predict, do, observe, repair, be checked. Without anything more, list them with your progress."
    examples = "".join(f"\n  manage.py {example:<60} {what}" for what, example in EXAMPLES.values())

    def add_arguments(self, parser: CommandParser) -> None:
        self._add_student(parser, default=None)
        actions = parser.add_subparsers(dest="action", metavar="ACTION")
        for name, (what, example) in EXAMPLES.items():
            action = actions.add_parser(
                name,
                help=what,
                description=f"{what[0].upper()}{what[1:]}.",
                formatter_class=HelpFormatter,
                epilog=f"example:\n  manage.py {example}" + (f"\n{GRADE}" if name == "grade" else ""),
            )
            if name != "grade":
                action.add_argument("lab", metavar="N", help="the number of the lab")
                self._add_student(action, default=argparse.SUPPRESS)  # it may have been said before the action
            getattr(self, f"_add_{name}_arguments", lambda _action: None)(action)

    def _add_student(self, parser: CommandParser, *, default: Any) -> None:
        whose = "whose numbers and progress (default: the name that this system knows you by)"
        parser.add_argument("--student", metavar="NAME", default=default, help=whose)

    def _add_start_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--again", action="store_true", help="begin anew; your file so far is kept as a backup")

    def _add_predict_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--answer", action="append", default=[], metavar="NAME=VALUE", help="instead of being asked"
        )

    def _add_run_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", type=Path, metavar="F", help="run this file (default: yours in my_labs/)")
        parser.add_argument("--anyway", action="store_true", help="without a prediction; none is taken afterwards")

    def _add_check_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", type=Path, metavar="F", help="check this file (default: yours in my_labs/)")
        parser.add_argument("--no-storm", action="store_true", help="only what the explorer proves; takes less time")
        parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")

    def _add_solution_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reveal", action="store_true", help="also before yours has passed")

    def _add_grade_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="FOLDER", help="holds a folder for each student")
        parser.add_argument("--csv", type=Path, metavar="F", help="write the marks there, one row for each file")
        parser.add_argument("--overwrite", action="store_true", help="also if F is there already")
        parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")
        limit = examination.TIME_LIMIT_S
        help = f"for each file, in seconds (default: {limit})"
        parser.add_argument("--time-limit", type=float, default=limit, metavar="S", help=help)

    def make_rich_console(self, **options: Any) -> Console:
        console = super().make_rich_console(**options)
        console.width = min(console.width, WIDTH)
        return console

    def execute(self, *args: Any, **options: Any) -> str | None:
        self.needs_database = options["action"] != "grade"  # nothing of ours is within reach while a class is marked
        return super().execute(*args, **options)

    def handle(self, *, action: str | None, student: str | None, **options: Any) -> None:
        if action == "grade":
            self._grade(**options)
            return
        self.student = _name(student or _login())
        if action is None:
            self._list()
            return
        lab = find_lab(options["lab"])
        getattr(self, f"_{action}")(lab, records.record_of(self.student, lab), options)

    def _list(self) -> None:
        kept = LabRecord.objects.filter(student=self.student)
        say(self.console, f"Labs of {self.student}. Begin with `manage.py lab start N`.")
        print_list(self.console, all_labs(), {record.lab: record for record in kept})

    def _start(self, lab: Lab, record: LabRecord, options: dict[str, Any]) -> None:
        made = copy_exercise(lab, again=options["again"])
        variant = lab.variant(self.student)
        say(self.console, f"Lab {lab.number}: {lab.title}\n", "bold")
        questions = [f"- {question.name} ({question.kind}): {question.text}" for question in lab.questions(variant)]
        for text in (variant.fill(lab.readme.story), "\n".join(questions)):
            say(self.console, f"{text}\n")
        if records.may_see_answers(record):
            self._say_task(lab)
        say(self.console, f"{made} What comes next:\n")
        for action, why in (
            ("predict", "first"),
            ("run", "see whether you knew, and your task"),
            ("check", "when you have repaired it"),
        ):
            say(self.console, f"    {f'manage.py lab {action} {lab.number}':<26} {why}")

    def _say_task(self, lab: Lab) -> None:
        say(self.console, f"Your task: {lab.variant(self.student).fill(lab.readme.task)}\n")

    def _predict(self, lab: Lab, record: LabRecord, options: dict[str, Any]) -> None:
        given = dict(_split(answer) for answer in options["answer"])
        if not given:
            given = {question.name: _ask(question) for question in lab.questions(lab.variant(self.student))}
        try:
            records.predict(record, lab, given)
        except AnswersRefused as refusal:
            name = next(iter(refusal.reasons))
            raise BankError(f"{refusal} (As an option: --answer {name}=VALUE.)") from refusal
        say(self.console, f"Kept. See what happens: `manage.py lab run {lab.number}`.")

    def _run(self, lab: Lab, record: LabRecord, options: dict[str, Any]) -> None:
        if not (records.may_see_answers(record) or options["anyway"]):
            raise BankError(
                f"First say what you expect: `manage.py lab predict {lab.number}`. "
                "(Who only wants to look says --anyway.)"
            )
        seen = examination.observe(lab, options["file"] or working_file(lab), student=self.student)
        records.show(record, lab)
        say(self.console, "The exercise as it was given:", "bold")
        print_truth(self.console, lab, record)
        self.console.print()
        print_observed(self.console, seen)
        self.console.print()
        self._say_task(lab)

    def _check(self, lab: Lab, record: LabRecord, options: dict[str, Any]) -> None:
        file = options["file"] or working_file(lab)
        verdict = examination.check(lab, file, student=self.student, with_storm=not options["no_storm"])
        records.keep(record, verdict)
        if options["json"]:
            self.stdout.write(to_json(verdict))
        else:
            print_verdict(self.console, verdict)
            if verdict["passed"]:
                say(self.console, f"\nRead next:\n{lab.variant(self.student).fill(lab.readme.read_next)}")
        if not verdict["passed"]:
            raise SystemExit(1)

    def _hint(self, lab: Lab, record: LabRecord, options: dict[str, Any]) -> None:
        count = records.unfold_hint(record)
        for number, hint in enumerate(lab.readme.hints[:count], start=1):
            say(self.console, f"{number}. {lab.variant(self.student).fill(hint)}")

    def _solution(self, lab: Lab, record: LabRecord, options: dict[str, Any]) -> None:
        if not record.passed and not options["reveal"]:
            raise BankError(
                f"Yours has not passed yet: `manage.py lab hint {lab.number}` helps; --reveal ends the fun."
            )
        self.stdout.write(lab.solution.read_text(encoding="utf-8"))

    def _grade(
        self, *, folder: Path, csv: Path | None, overwrite: bool, json: bool, time_limit: float, **options: Any
    ) -> None:
        if not (math.isfinite(time_limit) and time_limit > 0):
            raise BankError(f"--time-limit cannot be {time_limit:g}: choose more than 0 seconds.")
        if csv is not None:
            check_targets({"--csv": str(csv)}, overwrite=overwrite, overwrite_option="--overwrite")
        hand_ins, others = collect(folder)
        marks: list[Mark] = []
        with Quarantine() as quarantine:
            check_that_it_works(quarantine, hand_ins[0].lab, time_limit_s=time_limit)
            for mark in mark_class(quarantine, hand_ins, time_limit_s=time_limit):
                marks.append(mark)
                print(f"{len(marks):>4} of {len(hand_ins)}  {progress(mark)}", file=sys.stderr, flush=True)
        if csv is not None:
            write_csv(csv, marks)
        if json:
            self.stdout.write(
                to_json({"marks": [asdict(mark) for mark in marks], "not_graded": list(map(str, others))})
            )
            return
        print_marks(self.console, marks)
        loose = [file for file in others if file.parent == folder]
        unknown = [file for file in others if file not in loose]
        for why, files in (("their names are no lab's", unknown), ("they are in no student's folder", loose)):
            if files:
                say(self.console, f"Not graded, as {why}: {', '.join(map(str, files))}.")
        if csv is not None:
            say(self.console, f"The marks are in {csv}.")


def _name(given: str) -> str:
    """The student's name as it is kept. Raises BankError for one that cannot be."""
    name = given.strip()
    if not name.isprintable() or not 1 <= len(name) <= MAX_NAME:
        raise BankError(
            f"A student's name cannot be {name[:40]!r}: say one with --student NAME, up to {MAX_NAME} letters."
        )
    return name


def _login() -> str:
    """The name that this system knows its user by. Raises BankError where it knows only a number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:  # OSError from Python 3.13 on
        raise BankError("This system knows no name of yours: say one with --student NAME.") from error


def _split(answer: str) -> tuple[str, str]:
    name, equals, value = answer.partition("=")
    if not equals:
        raise BankError(f"--answer cannot be {answer!r}: write NAME=VALUE, such as torn=yes.")
    return name.strip(), value


def _ask(question: Question) -> str:
    """Ask until the answer is one. Raises BankError at the end of the input."""
    while True:
        print(f"{question.text} ({question.kind}) ", end="", flush=True)
        answer = sys.stdin.readline()
        if not answer:
            raise BankError("There is no answer: give every answer as --answer NAME=VALUE.")
        try:
            question.parse(answer)
        except BankError as refusal:
            print(refusal)
        else:
            return answer
