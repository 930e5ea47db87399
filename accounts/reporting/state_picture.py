"""The bank at one moment of a schedule: accounts, locks and who holds them, who waits, what each session has read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from accounts.evidence.amounts import signed
from accounts.explorer.plan import Plan
from accounts.explorer.report import StepReport
from accounts.explorer.session_state import SessionState
from accounts.models.opening import opening_balances
from accounts.reporting.lock_names import name_process

MAX_ACCOUNTS = 12  # of more, no picture is drawn


@dataclass(frozen=True)
class AccountBox:
    """One account."""

    number: int
    balance: int  #: committed: what others see
    is_new: bool  #: the last step made it visible
    written: Sequence[tuple[str, str]]  #: written and not yet committed: the session, and the new balance
    locked_by: Sequence[str]  #: the sessions that have locked its row


@dataclass(frozen=True)
class SessionBox:
    """One session."""

    name: str
    is_audit: bool
    read: Mapping[int, int]  #: by account
    sum: int | None  #: of an audit: the sum of what it has read so far; None: nothing
    is_whole: bool  #: the sum is that of all accounts
    off_by: str  #: by how much the sum of all accounts is wrong, as "+30"; empty: it is right, or not whole
    waits_for: Sequence[str]
    unknown: str  #: what of its locks and writes is not known, in a sentence; empty: nothing
    has_ended: bool


@dataclass(frozen=True)
class Picture:
    """The bank after one step."""

    accounts: Sequence[AccountBox] = ()
    locks: Sequence[tuple[str, str]] = ()  #: of other kinds than rows: its name, and the session that holds it
    sessions: Sequence[SessionBox] = ()
    total: int = 0  #: what the sum of all accounts must be


def picture(plan: Plan, taken: Sequence[StepReport], *, ended: Collection[str]) -> Picture:
    """The bank after these steps. `ended`: the sessions that have no more to do."""
    opening = opening_balances(plan.account_count)
    if len(opening) > MAX_ACCOUNTS:
        return Picture()
    states: dict[str, SessionState] = dict.fromkeys(plan.sessions, SessionState())
    for step in taken:
        states |= step.sessions
    waits = waits_after(taken)
    return Picture(
        accounts=_accounts(opening, taken, states),
        locks=[lock for place, (name, state) in enumerate(states.items()) for lock in _locks(plan, place, name, state)],
        sessions=[
            _session(name, state, opening, plan, waits_for=waits.get(name, ()), has_ended=name in ended)
            for name, state in states.items()
        ],
        total=sum(opening),
    )


def sessions_ended(
    plan: Plan, steps: Sequence[StepReport], step: int, *, still: Collection[str] = ()
) -> frozenset[str]:
    """The sessions that have ended after this many of the steps. `still`: those that have not after the last one."""
    later = {name for report in steps[step:] for name in (report.session, *report.went_on)}
    return frozenset(plan.sessions.keys() - later - set(still))


def waits_after(taken: Sequence[StepReport]) -> dict[str, Sequence[str]]:
    """The sessions that had to wait in their last step and have not gone on by a later one, and those they wait for."""
    waits: dict[str, Sequence[str]] = {}
    for step in taken:
        waits.pop(step.session, None)
        if step.waited_for:
            waits[step.session] = step.waited_for
        for name in step.went_on:
            waits.pop(name, None)
    return waits


def _accounts(
    opening: Sequence[int], taken: Sequence[StepReport], states: Mapping[str, SessionState]
) -> list[AccountBox]:
    balances = dict(enumerate(opening, start=1))
    for step in taken:
        balances |= step.committed
    new = taken[-1].committed if taken else {}
    return [
        AccountBox(
            number,
            balance,
            is_new=number in new,
            written=[(name, state.written[number]) for name, state in states.items() if number in state.written],
            locked_by=[name for name, state in states.items() if number in state.rows],
        )
        for number, balance in balances.items()
    ]


def _locks(plan: Plan, column: int, session: str, state: SessionState) -> list[tuple[str, str]]:
    """Where each session has a process of its own, a Python lock is named with its process."""
    python_locks = [
        name_process(plan.processes, f"take {name}", column).removeprefix("take ") for name in state.python_locks
    ]
    return [(name, session) for name in (*state.locks, *python_locks)]


def _session(
    name: str,
    state: SessionState,
    opening: Sequence[int],
    plan: Plan,
    *,
    waits_for: Sequence[str],
    has_ended: bool,
) -> SessionBox:
    is_audit = plan.sessions[name] is None
    total = state.total if state.total is not None else sum(state.read.values())
    is_whole = state.total is not None or len(state.read) == len(opening)
    return SessionBox(
        name,
        is_audit,
        read=state.read,
        sum=total if is_audit and (state.read or state.total is not None) else None,
        is_whole=is_whole,
        off_by=signed(total - sum(opening)) if is_whole and total != sum(opening) else "",
        waits_for=waits_for,
        unknown="" if has_ended else _unknown(state),
        has_ended=has_ended,
    )


def _unknown(state: SessionState) -> str:
    if not state.is_known:
        return "What else it has locked or written is not known."
    if state.is_partly_locked:
        return "Which of the rows that it asks for it holds already is not known."
    return ""
