"""Labs in a terminal: texts, predictions against the truth, verdicts with their timelines."""

import re
import textwrap
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from accounts.labs.catalogue import Lab
from accounts.labs.grading import NOT_RUN, Verdict
from accounts.models import LabRecord

WIDTH = 100


def say(console: Console, text: str, style: str = "") -> None:
    """Text as it is, but paragraphs of prose are wrapped."""
    paragraphs = text.split("\n\n")
    console.print("\n\n".join(map(_wrap, paragraphs)), style=style, soft_wrap=True, markup=False)


def _wrap(paragraph: str) -> str:
    """Lists and code keep their lines; what goes on in a list is indented below its item."""
    if paragraph.startswith(("    ", "```")):
        return paragraph
    marks = re.split(r"\n(?=- |\d\. )", paragraph)
    return "\n".join(_wrap_item(item) for item in marks)


def _wrap_item(item: str) -> str:
    before, text, after = re.fullmatch(r"(\s*)(.*?)(\s*)", item, re.DOTALL).groups()
    indent = "  " if text.startswith("- ") else ""
    return before + textwrap.fill(" ".join(text.split()), WIDTH, subsequent_indent=indent) + after


def print_list(console: Console, labs: list[Lab], records: dict[int, LabRecord]) -> None:
    """One line for each lab, with how far the student has come."""
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1))
    for name in ("lab", "", "predicted", "hints", "last check", ""):
        table.add_column(name, justify="right" if name in ("lab", "hints") else "left", no_wrap=True)
    for lab in labs:
        table.add_row(str(lab.number), lab.title, *_progress(records.get(lab.number)))
    console.print(table)


def _progress(record: LabRecord | None) -> tuple[str, str, str, str]:
    if record is None:
        return "", "", "", ""
    predicted = "" if record.prediction is None else "yes"
    if record.prediction and record.truth:
        right = sum(record.truth.get(name) == answer for name, answer in record.prediction.items())
        predicted = f"{right} of {len(record.truth)} right"
    score = f"{record.verdict['score']} of {record.verdict['max_score']}" if record.verdict else ""
    is_last = bool(record.verdict and record.verdict["passed"])
    passed = ("passed" if is_last else "passed before") if record.passed else ""
    return predicted, str(record.hint_count or ""), score, passed


def print_truth(console: Console, lab: Lab, record: LabRecord) -> None:
    """Each question, what was predicted, and what came true."""
    for question in lab.questions(lab.variant(record.student)):
        truth = record.truth[question.name]
        guess = (record.prediction or {}).get(question.name)
        said = "" if guess is None else f" You said {_value(guess)}" + (": right." if guess == truth else ".")
        say(console, question.text)
        console.print(f"    {_value(truth)}.{said}", style="green" if guess == truth else "", markup=False)


def _value(answer: int | str) -> str:
    return f"{answer:,}" if isinstance(answer, int) else answer


def print_observed(console: Console, seen: dict[str, Any]) -> None:
    """What every schedule came to, and the worst of them."""
    if "refusal" in seen:
        say(console, seen["refusal"])
        return
    _print_counts(console, "Now, in", seen)
    for text, counts in seen["compared"].items():
        _print_counts(console, f"{text}: in", counts)
    if seen["evidence"]:
        say(console, f"\nThe shortest in which {next(iter(seen['counts']))}: {seen['evidence']['schedule']}")
        print_timeline(console, seen["evidence"])
    if seen["detail"]:
        say(console, seen["detail"])


def _print_counts(console: Console, beginning: str, seen: dict[str, Any]) -> None:
    extent = f"{'all' if seen['exhaustive'] else 'some of more than'} {seen['schedules']:,} schedules"
    say(console, f"{beginning} {extent if seen['schedules'] > 1 else 'the only schedule'}:")
    for what, count in seen["counts"].items():
        console.print(f"  {count:>6,} of {seen['schedules']:,}  {what}")
    if not seen["counts"]:
        console.print(f"  {0:>6,} of {seen['schedules']:,}  anything wrong, and nobody waits")


def print_timeline(console: Console, evidence: dict[str, Any]) -> None:
    """A schedule: a column for each session, a row for each step."""
    columns = evidence["columns"]
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1))
    table.add_column("#", justify="right", no_wrap=True)
    for heading in columns.values():
        table.add_column(Text(heading), overflow="fold")
    for number, step in enumerate(evidence["steps"], start=1):
        cells = {step["session"]: step["step"], **step["went_on"]}
        table.add_row(str(number), *(Text(cells.get(name, "")) for name in columns))
    console.print(table)


def print_verdict(console: Console, verdict: Verdict) -> None:
    """Each check with its message; for the first that failed, the schedule that refutes the file."""
    width = max(len(check["name"]) for check in verdict["checks"])
    first_failed = next((check for check in verdict["checks"] if not check["passed"]), None)
    said: set[str] = set()
    for check in verdict["checks"]:
        is_run = not check["message"].startswith(NOT_RUN)
        mark, style = ("passed", "green") if check["passed"] else ("FAILED", "bold red") if is_run else ("-", "dim")
        points = f"{check['points'] if check['passed'] else 0} of {check['points']}" if check["points"] else ""
        console.print(f"{mark:<6}  {check['name']:<{width}}  {points}", style=style, markup=False)
        if check["message"] not in said:  # of a file that cannot be run, all checks say the same
            say(console, check["message"], "" if is_run else "dim")
        said.add(check["message"])
        if check is first_failed:
            print_evidence(console, check["evidence"])
    outcome = "Passed" if verdict["passed"] else "Not passed yet"
    say(console, f"\n{outcome}: {verdict['score']} of {verdict['max_score']} points.", "bold")


def print_evidence(console: Console, evidence: dict[str, Any] | None) -> None:
    """A schedule as a timeline, or the statements that were found."""
    if evidence and "steps" in evidence:
        print_timeline(console, evidence)
    for sql in (evidence or {}).get("statements", []):
        say(console, f"    {sql}")
