"""An exploration in words and as a table: its verdict, the steps of a schedule, and what is wrong with it."""

from collections.abc import Mapping, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from accounts.explorer.exploration import MAX_NOTES, Exploration
from accounts.explorer.headline import headline
from accounts.explorer.plan import SHARED, Plan
from accounts.explorer.replay import Replay
from accounts.explorer.report import StepReport
from accounts.explorer.tally import COUNTS
from accounts.explorer.verdicts import words
from interleavings.engine.hung import say_hung
from interleavings.engine.scenario import Run


def verdict(exploration: Exploration) -> list[str]:
    """The verdict: the headline, how many schedules there are, and in how many of them what went wrong."""
    plan, tally = exploration.plan, exploration.tally
    first = headline(exploration.report())
    what = [
        f"transfers by {plan.transfer_with}, audits by {plan.audit_with}",
        f"{plan.account_count} accounts",
        _count_sessions(plan),
    ]
    if plan.processes != SHARED:
        what.append("separate processes")
    text = [f"{', '.join(what)}:", f"{first.text} {first.extent}", _extent(exploration)]
    if exploration.serial is not None:
        text.append(
            f"Also when one session runs after the other ({exploration.serial}): "
            f"{', '.join(words(exploration.serial))}. That is no race: look at it first."
        )
    for name, count in COUNTS.items():
        if name != "raced" and (tally.counts[name] or name == "torn"):
            text.append(f"  {tally.counts[name]:>6,} of {tally.schedule_count:,}  {count.meaning}")
    if tally.counts["raced"]:
        text.append(
            f"In {tally.counts['raced']:,} schedules one step let two sessions go on at once, and the database decided "
            "which was faster: another time it may be the other one."
        )
    if exploration.first_error:
        text.append(exploration.first_error)
    return [*text, *tuple(exploration.notes)[:MAX_NOTES]]


def _extent(exploration: Exploration) -> str:
    tally = exploration.tally
    if exploration.unmet:
        return (
            f"Not exhaustive: {tally.schedule_count:,} schedules were counted, in {exploration.duration_s:.1f} s, but "
            f"the database never chose {', nor '.join(repr(beginning) for beginning in exploration.unmet[:3])}."
        )
    if not exploration.is_exhaustive:
        about = f" of about {exploration.about:,.0f}" if exploration.about is not None else ""
        return f"Sampled: {tally.run_count:,}{about} schedules were run, in {exploration.duration_s:.1f} s."
    pruned = tally.schedule_count - tally.run_count
    how = f" ({tally.run_count:,} run, {pruned:,} pruned as equivalent)" if pruned else ""
    return f"Exhaustive: all {tally.schedule_count:,} schedules{how}, in {exploration.duration_s:.1f} s."


def _count_sessions(plan: Plan) -> str:
    audits = f"{plan.audit_count} audit{'s' if plan.audit_count != 1 else ''}"
    return f"transfers {plan.transfers or 'none'}, {audits}"


def timeline(headings: Mapping[str, str], steps: Sequence[StepReport], *, with_code: bool = False) -> Table:
    """One row for each step, one column for each session; `headings` stand over the columns, by session.

    `with_code`: one column more, with the file and the line that sent each step.
    """
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1))
    table.add_column("#", justify="right", no_wrap=True)
    for text in headings.values():
        table.add_column(Text(text), overflow="fold")
    if with_code:
        table.add_column("sent by", no_wrap=True)
    for number, step in enumerate(steps, start=1):
        code = [Text(f"{step.place.name}:{step.place.line}" if step.place else "")] if with_code else []
        table.add_row(str(number), *map(Text, step.cells(list(headings))), *code)
    return table


def sentence(run: Run) -> list[str]:
    """One schedule: its verdict, the final balances, and the evidence's explanation."""
    balances = ", ".join(f"{number}: {balance:,}" for number, balance in run.observation.balances.items())
    text = [f"Verdict: {', '.join(words(run)) or 'right'}. Final balances: {balances}."]
    text += say_hung(run.hung, run.steps)
    for session, error in run.errors.items():
        first_line = str(error).strip().partition("\n")[0]
        text.append(f"{session} ended with {type(error).__name__}: {first_line}".rstrip(": "))
    return text + list(run.observation.stories)


def next_steps(replay: Replay) -> str:
    """What could come next in a schedule that is not complete."""
    ready = "; ".join(f"{name}: {step}" for name, step in replay.ready.items())
    blocked = "; ".join(f"{name} waits for {' and '.join(others)}" for name, others in replay.blocked.items())
    return f"Not complete. Next could come: {ready}." + (f" Blocked: {blocked}." if blocked else "")
