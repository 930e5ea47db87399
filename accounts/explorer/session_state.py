"""What each session has in hand after each step: balances that it has read, has written and not yet committed, locks.

All of it is told from what the sessions did: their statements, and the rows that these read. Nothing is guessed: where
a statement does not show which rows it locked or wrote, `is_known` is false until the end of its transaction.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from accounts.explorer.timeline import ACCOUNTS, assigned_balance
from interleavings.engine.step import COMMIT, ROLLBACK, Step
from interleavings.statements import ANY, Access, access

BACK_TO_SAVEPOINT = re.compile(r"\s*ROLLBACK\s.*\bTO\b", re.IGNORECASE)


@dataclass(frozen=True)
class SessionState:
    """One session between two of its steps. Accounts go by their numbers."""

    read: Mapping[int, int] = field(default_factory=dict)  #: the balances that it read last, by account
    total: int | None = None  #: the sum that it read in one statement
    written: Mapping[int, str] = field(default_factory=dict)  #: not yet committed: "4,970", or "balance - 30"
    rows: tuple[int, ...] = ()  #: the accounts whose rows it has locked
    locks: tuple[str, ...] = ()  #: its other locks in the database: "advisory lock 42"
    python_locks: tuple[str, ...] = ()  #: its Python locks, by their names
    is_known: bool = True  #: whether it holds and has written nothing else
    is_partly_locked: bool = False  #: it waits for one of several rows, and may hold others of them already

    def as_values(self) -> dict[str, Any]:
        """Plain values, ready for JSON; without what is empty."""
        values: dict[str, Any] = {"read": dict(self.read), "total": self.total, "written": dict(self.written)}
        values |= {"rows": list(self.rows), "locks": list(self.locks), "python_locks": list(self.python_locks)}
        values |= {"unknown": not self.is_known, "partly": self.is_partly_locked}
        return {name: value for name, value in values.items() if value not in ({}, [], None, False)}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "SessionState":
        """What `as_values` gave, also if it has been JSON meanwhile: there, numbers of accounts are texts."""
        return cls(
            read={int(number): balance for number, balance in values.get("read", {}).items()},
            total=values.get("total"),
            written={int(number): text for number, text in values.get("written", {}).items()},
            rows=tuple(values.get("rows", ())),
            locks=tuple(values.get("locks", ())),
            python_locks=tuple(values.get("python_locks", ())),
            is_known=not values.get("unknown", False),
            is_partly_locked=values.get("partly", False),
        )


def session_states(steps: Sequence[Step], numbers: Mapping[int, int]) -> list[dict[str, SessionState]]:
    """For each step: the states of the sessions that moved in it. `numbers`: of the accounts, by primary key.

    A step that had to wait has its result at the step that let it go on.
    """
    states: dict[str, SessionState] = {}
    marked: set[str] = set()  # sessions that may hold an advisory lock which outlives its transaction
    moves = []
    for place, step in enumerate(steps):
        if "advisory" in step.sql and access(step.sql, step.params) is None:
            marked.add(step.session)
        moved = dict(_moved_at(place, steps, numbers, states))
        moves.append({name: _with_engines_facts(state, step, name, marked) for name, state in moved.items()})
        states |= moves[-1]
    return moves


def _with_engines_facts(state: SessionState, step: Step, session: str, marked: Collection[str]) -> SessionState:
    """The state with the Python locks that the engine knows of. (They change only when their session moves.)"""
    is_known = state.is_known and session not in marked
    return replace(state, python_locks=tuple(step.python_locks.get(session, ())), is_known=is_known)


def _moved_at(
    place: int, steps: Sequence[Step], numbers: Mapping[int, int], states: Mapping[str, SessionState]
) -> Iterator[tuple[str, SessionState]]:
    """The session whose step it is, and those that went on by it."""
    step = steps[place]
    state_before = states.get(step.session, SessionState())
    yield step.session, _while_waiting(state_before, step) if step.was_blocked else _after(state_before, step, numbers)
    for other in steps:
        if other.freed_by == place:
            yield other.session, _after(states.get(other.session, SessionState()), other, numbers)


def _while_waiting(state: SessionState, step: Step) -> SessionState:
    """A statement that waits for one of several rows may hold others of them already."""
    accessed = access(step.sql, step.params)
    is_one = accessed is not None and len(accessed.rows) == 1 and ANY not in {key for _kind, key in accessed.rows}
    return replace(state, is_partly_locked=not (step.is_acquire or is_one))


def _after(state: SessionState, step: Step, numbers: Mapping[int, int]) -> SessionState:
    """What a session has in hand after a step that was done."""
    state = replace(state, is_partly_locked=False)
    if step.sql in (COMMIT, ROLLBACK) or step.has_aborted:
        return SessionState(read={} if step.sql == ROLLBACK else state.read, total=state.total)
    if step.is_acquire:
        return state
    if step.error or BACK_TO_SAVEPOINT.match(step.sql):  # a part of the transaction is undone, with its locks
        return SessionState(read=state.read, total=state.total, is_known=False)
    state = _having_read(state, step, numbers)
    accessed = access(step.sql, step.params)
    if not step.in_transaction:
        return replace(state, rows=(), locks=(), written={}, is_known=True)
    if accessed is None:
        return replace(state, is_known=False)
    return _having_locked(state, step, accessed, numbers) if accessed.locks else state


def _having_locked(state: SessionState, step: Step, accessed: Access, numbers: Mapping[int, int]) -> SessionState:
    others = [f"{kind} {_say_key(key)}" for kind, key in accessed.rows if kind and not kind.startswith("accounts_")]
    keys = _keys_of(step, accessed)
    if keys is None:
        return replace(state, is_known=False)
    rows = [numbers[key] for key in keys if key in numbers]
    balance = assigned_balance(step) if accessed.writes else ""
    written = dict.fromkeys(rows, balance) if balance else {}
    return replace(
        state,
        rows=tuple(sorted({*state.rows, *rows})),
        locks=tuple(dict.fromkeys([*state.locks, *others])),
        written={**state.written, **written},
    )


def _keys_of(step: Step, accessed: Access) -> list[Any] | None:
    """The accounts that a statement has locked, by primary key; None if that is not known."""
    keys = [key for kind, key in accessed.rows if kind == ACCOUNTS]
    if not keys or step.row_count == 0:
        return []
    if step.rows is not None and "id" in step.columns:
        return [row[step.columns.index("id")] for row in step.rows]
    return keys if ANY not in keys and len(keys) == step.row_count else None


def _having_read(state: SessionState, step: Step, numbers: Mapping[int, int]) -> SessionState:
    """A balance that is read again replaces the one that was read before."""
    if not step.rows or not step.sql.startswith("SELECT") or ACCOUNTS not in step.sql:
        return state
    if "SUM(" in step.sql:
        value = step.rows[0][0]
        return state if value is None else replace(state, total=int(value))
    if not {"id", "balance"}.issubset(step.columns):
        return state
    pk, balance = step.columns.index("id"), step.columns.index("balance")
    return replace(state, read={**state.read, **{numbers.get(row[pk], row[pk]): row[balance] for row in step.rows}})


def _say_key(key: Any) -> str:
    return "?" if key is ANY else ", ".join(map(str, key if isinstance(key, tuple) else (key,)))
