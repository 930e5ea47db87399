"""Labs in a terminal: texts, predictions against the truth, verdicts with their timelines."""

from collections.abc import Mapping

from rich import box
from rich.console import Console
from rich.table import Table

from accounts.labs.catalogue import Lab
from accounts.labs.observation import CaseCounts, Observation, Unexplorable
from accounts.labs.proofs import Proof, ScheduleProof, StatementProof
from accounts.labs.prose import for_terminal
from accounts.labs.verdict import CheckResult, LabVerdict, State
from accounts.management.explorations import timeline
from accounts.models import LabRecord

WIDTH = 100
NOT_GRADED = "Not graded yet: neither refuted nor proved. Check it again when nothing else runs on this machine."


def say(console: Console, text: str, style: str = "") -> None:
    """Print a sentence as it is, wrapped at the width of the console."""
    console.print(text, style=style, markup=False)


def say_prose(console: Console, text: str) -> None:
    """Print one of the labs' texts, which are Markdown."""
    console.print(for_terminal(text))


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
    verdict = LabVerdict.from_values(record.verdict) if record.verdict else None
    score = _score(verdict) if verdict else ""
    is_last_passed = verdict is not None and verdict.is_passed
    passed = ("passed" if is_last_passed else "passed before") if record.passed else ""
    return predicted, str(record.hint_count or ""), score, passed


def _score(verdict: LabVerdict) -> str:
    return "not graded yet" if verdict.score is None else f"{verdict.score} of {verdict.max_score}"


def print_truth(console: Console, lab: Lab, record: LabRecord, truths: Mapping[str, int | str]) -> None:
    """Each question, what was predicted, and what came true: `truths`, by the questions' names."""
    for question in lab.questions(lab.variant(record.student)):
        truth = truths[question.name]
        guess = (record.prediction or {}).get(question.name)
        remark = "" if guess is None else f" You said {_value(guess)}" + (": right." if guess == truth else ".")
        say_prose(console, question.text)
        console.print(f"    {_value(truth)}.{remark}", style="green" if guess == truth else "", markup=False)


def _value(answer: int | str) -> str:
    return f"{answer:,}" if isinstance(answer, int) else answer


def print_observed(console: Console, observation: Observation | Unexplorable) -> None:
    """How often what is wrong, and the worst schedule."""
    if isinstance(observation, Unexplorable):
        say(console, observation.reason)
        return
    _print_counts(console, "Now, in", observation.case)
    for text, case in observation.compared.items():
        _print_counts(console, f"{text}: in", case)
    if observation.worst is not None:
        what = next(iter(observation.case.counts))
        say(console, f"\nThe shortest in which {what}: {observation.worst.schedule}")
        console.print(timeline(observation.worst.columns, observation.worst.steps, with_code=True))
    if observation.detail:
        say(console, observation.detail)


def _print_counts(console: Console, beginning: str, case: CaseCounts) -> None:
    extent = f"{'all' if case.exhaustive else 'some of more than'} {case.schedules:,} schedules"
    say(console, f"{beginning} {extent if case.schedules > 1 else 'the only schedule'}:")
    for what, count in case.counts.items():
        console.print(f"  {count:>6,} of {case.schedules:,}  {what}")
    if not case.counts:
        console.print(f"  {0:>6,} of {case.schedules:,}  anything wrong, and no session waits")


STYLES = {
    State.PASSED: "green",
    State.FAILED: "bold red",
    State.UNDECIDED: "bold yellow",
    State.NOT_RUN: "dim",
}
MARKS = {State.PASSED: "passed", State.FAILED: "FAILED", State.UNDECIDED: "?", State.NOT_RUN: "-"}
OUTCOMES = {State.PASSED: "Passed", State.FAILED: "Not passed yet"}


def print_verdict(console: Console, verdict: LabVerdict) -> None:
    """Each check with its message; for the first that failed, the schedule that refutes the file."""
    width = max(len(check.name) for check in verdict.checks)
    messages: set[str] = set()
    for check in verdict.checks:
        state, message = check.outcome.state, check.outcome.message
        console.print(f"{MARKS[state]:<6}  {check.name:<{width}}  {_points(check)}", style=STYLES[state], markup=False)
        if message not in messages:  # of a file that cannot be run, all checks say the same
            say(console, message, "dim" if state is State.NOT_RUN else "")
        messages.add(message)
        if check is verdict.first_failed:
            print_proof(console, check.outcome.proof)
    if verdict.state is State.UNDECIDED:
        say(console, f"\n{NOT_GRADED}", "bold")
    else:
        say(console, f"\n{OUTCOMES[verdict.state]}: {verdict.score} of {verdict.max_score} points.", "bold")


def say_verdict(verdict: LabVerdict) -> str:
    """The verdict in one line, with the name of the check that is to be looked at first."""
    if verdict.first_undecided is not None:
        return f"Not graded yet: {verdict.first_undecided.name}"
    failed = f", {verdict.first_failed.name} failed" if verdict.first_failed is not None else ""
    return f"{OUTCOMES[verdict.state]}: {verdict.score} of {verdict.max_score} points{failed}"


def _points(check: CheckResult) -> str:
    if not check.points or check.outcome.state is State.UNDECIDED:
        return ""
    return f"{check.score} of {check.points}"


def print_proof(console: Console, proof: Proof | None) -> None:
    """A schedule as a table, or the statements that were sent. (A storm's report is in the message.)"""
    if isinstance(proof, ScheduleProof):
        console.print(timeline(proof.columns, proof.steps, with_code=True))
    elif isinstance(proof, StatementProof):
        for sql in proof.statements:
            say(console, f"    {sql}")
