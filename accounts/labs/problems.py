"""The problems that checks look for and questions ask about, each with a sentence on the schedule that has it."""

from collections.abc import Mapping

from accounts.db.sqlstates import DEADLOCK, describe, line_in
from accounts.labs.schedules import Problem, Schedules
from interleavings.engine.hung import say_hung
from interleavings.engine.scenario import Run


def _raised(run: Run, schedules: Schedules) -> str:
    return " ".join(_raised_by(session, error, schedules) for session, error in run.errors.items())


def _raised_by(session: str, error: BaseException, schedules: Schedules) -> str:
    file = schedules.sessions[session].file.path
    line = line_in(file, error)
    sentence = f"Session {session} raised {describe(error):.300}".rstrip(".: ") + "."
    return f"{sentence} That was in line {line} of {file.name}." if line else sentence


def expected_end(run: Run, schedules: Schedules) -> Mapping[int, int]:
    """The balances that are right: as the lab's own observation says, else those if every transfer is done once."""
    return getattr(run.observation, "expected", schedules.expected)


def _accounts_off(run: Run, schedules: Schedules) -> str:
    balances = run.observation.balances
    return " ".join(
        _account_off(number, balances.get(number, 0), expected)
        for number, expected in expected_end(run, schedules).items()
        if balances.get(number) != expected
    )


def _account_off(number: int, balance: int, expected: int) -> str:
    if expected < 0:
        more = f"the transfers that are applied took {-expected:,} more from it than there was"
        return f"Account {number} ends with {balance:,}: {more}."
    return f"Account {number} ends with {balance:,}, and should hold {expected:,}."


def _say_death(run: Run, schedules: Schedules) -> str:
    """Of runs with a process that dies: in the last one, it does not."""
    if run is schedules.runs[-1]:
        return "Its process did not die, and"
    return "After these steps its process died, and"


TORN = Problem("an audit is torn", lambda run, _: run.observation.torn)
INCOMPLETE = Problem("an audit does not read every account", lambda run, _: run.observation.incomplete)
IMPOSSIBLE = Problem("an audit returns a balance that was never there", lambda run, _: run.observation.impossible)
WRONG_TOTAL = Problem("an audit's total is wrong", lambda run, _: run.observation.wrong_total)
NO_READINGS = Problem(
    "an audit kept no readings",
    lambda run, _: run.observation.torn_unknown,
    lambda _run, _schedules: "Of a bare sum it cannot be said whether it is torn: return [read(account), ...].",
    may_be_race=False,
)
WRONG_END = Problem(
    "an account ends with the wrong balance",
    lambda run, schedules: dict(run.observation.balances) != expected_end(run, schedules),
    _accounts_off,
)
LOST_UPDATE = Problem("an update is lost", lambda run, _: run.observation.lost_updates)
DRIFTED = Problem("money is made or lost for good", lambda run, _: run.observation.drift)
HALF_DONE = Problem(
    "half a transfer remains",
    lambda run, _: run.observation.drift,
    lambda run, schedules: f"{_say_death(run, schedules)} the bank's total is off by {run.observation.drift:+,}.",
)
DEADLOCKED = Problem(
    "sessions deadlock",
    lambda run, _: run.had(DEADLOCK),
    lambda _run, _schedules: "PostgreSQL ended one of them with 40P01.",
)
WAITED = Problem("a session has to wait", lambda run, _: run.was_blocked, lambda _run, _schedules: "")
RAISED = Problem("a session ends with an error", lambda run, _: bool(run.errors), _raised)
PENDING = Problem("a transfer is still pending", lambda run, _: run.observation.pending)
HUNG = Problem(
    "sessions wait for ever",
    lambda run, _: bool(run.hung),
    lambda run, _: " ".join(say_hung(run.hung, run.steps)),
)

# A check that looks for anything else looks for these first: a session that ended with an error proves nothing.
UNFINISHED = (HUNG, RAISED, PENDING)
UNTRUE = (NO_READINGS, TORN, INCOMPLETE, IMPOSSIBLE, WRONG_TOTAL)

# What is worth to be shown, the worst first, as in the explorer's COUNTS.
EVERYTHING = (WRONG_END, TORN, INCOMPLETE, IMPOSSIBLE, WRONG_TOTAL, PENDING, HUNG, DEADLOCKED, RAISED, WAITED)
