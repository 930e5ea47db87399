"""Cases: small banks in the letters of a variant, whose every schedule can be run with a student's file."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType

from accounts.explorer.plan import SHARED, Plan, make_plan
from accounts.explorer.scratch_bank import ScratchBank
from accounts.explorer.sessions import is_step, read_audit
from accounts.explorer.strategy_files import find_strategy
from accounts.labs.case_runner import Observer, explore_crashes, explore_sessions
from accounts.labs.schedules import Schedules, Session, Work
from accounts.labs.variants import ACCOUNTS, Variant
from accounts.ledger import Reading
from accounts.models import AlreadyEnded
from accounts.models.opening import Order
from accounts.strategies.shared.returned import check_returned
from interleavings.engine.module_copies import Original

WRITES = re.compile(r"\s*(UPDATE|WITH)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Case:
    """Transfers and audits, all at once. What no strategy is named for is done by the student's file.

    `transfers` is written as for `manage.py explore`, with letters for numbers: "{a}>{b}:{amount}". `transfer` and
    `audit` name the functions that are called in the file.
    """

    transfers: str
    audits: int = 1
    accounts: int = ACCOUNTS
    processes: str = SHARED
    transfer_with: str = ""
    audit_with: str = ""
    transfer: str = "transfer"
    audit: str = "audit"

    def explore(self, file: Path, variant: Variant) -> Schedules:
        """Every schedule, with this file. Raises BankError for a file that cannot be schedules."""
        sessions, plan = self.cast(file, variant)
        return explore_sessions(
            sessions, orders=plan.orders, account_count=plan.account_count, processes=self.processes
        )

    def cast(self, file: Path, variant: Variant) -> tuple[dict[str, Session], Plan]:
        """The sessions by name, and the transfers that are waiting. Raises BankError as explore() does."""
        plan = _plan(variant, self.transfers, self.accounts, self.audits)
        return self.sessions(file, plan), plan

    def sessions(self, file: Path, plan: Plan) -> dict[str, Session]:
        """The sessions by name: t and a, or t1, t2, a1 ..."""
        return {
            name: self._audit(file, name) if order is None else self._transfer(file, name, place, order)
            for place, (name, order) in enumerate(plan.sessions.items())
        }

    def _transfer(self, file: Path, name: str, place: int, order: Order) -> Session:
        heading = f"{name}: {order.source} > {order.target}, {order.amount:,}"
        original = _find(self.transfer_with, file, self.transfer)
        return Session(original, partial(do_transfer, function=self.transfer, place=place), heading, place + 1)

    def _audit(self, file: Path, name: str) -> Session:
        return Session(
            _find(self.audit_with, file, self.audit), partial(take_audit, function=self.audit), f"{name}: audit"
        )


@dataclass(frozen=True)
class Sessions:
    """Sessions of any kind: for each its heading and its work, a function of (the student's module, the scratch bank).

    For what is no plain transfer or audit: a job that is delivered twice, a transfer that opens an account. `function`
    must be in the file. The works may use `do_transfer` and `take_audit`. `is_step` and `observe` are as in
    explore_sessions().
    """

    transfers: str
    sessions: Mapping[str, tuple[str, Work]]
    function: str
    accounts: int = ACCOUNTS
    processes: str = SHARED
    is_step: Callable[[str], bool] = is_step
    observe: Observer | None = None

    def explore(self, file: Path, variant: Variant) -> Schedules:
        """Every schedule, with this file. Raises BankError for a file that cannot be schedules."""
        sessions, plan = self.cast(file, variant)
        return explore_sessions(
            sessions,
            orders=plan.orders,
            account_count=self.accounts,
            processes=self.processes,
            is_step=self.is_step,
            observe=self.observe,
        )

    def cast(self, file: Path, variant: Variant) -> tuple[dict[str, Session], Plan]:
        """The sessions by name, and the transfers that are waiting. Raises BankError as explore() does."""
        plan = _plan(variant, self.transfers, self.accounts, audits=0)
        original = _find("", file, self.function)
        texts = ((name, work, variant.fill(text)) for name, (text, work) in self.sessions.items())
        return {name: Session(original, work, text) for name, work, text in texts}, plan


@dataclass(frozen=True)
class Crashes:
    """One transfer, whose process dies before each of its steps."""

    transfers: str
    accounts: int = ACCOUNTS
    transfer_with: str = ""
    transfer: str = "transfer"

    def explore(self, file: Path, variant: Variant) -> Schedules:
        """A run for each death, and one without. Raises BankError for a file that cannot be schedules."""
        case = Case(self.transfers, 0, self.accounts, transfer_with=self.transfer_with, transfer=self.transfer)
        plan = _plan(variant, self.transfers, self.accounts, audits=0)
        return explore_crashes(
            case.sessions(file, plan), orders=plan.orders, account_count=plan.account_count, is_step=counts_status
        )


def counts_status(sql: str) -> bool:
    """The UPDATE of a transfer's own row is a step too: where two sessions have the same job, or one may die before it.

    For Sessions(is_step=...).
    """
    return is_step(sql) or WRITES.match(sql) is not None


def _plan(variant: Variant, transfers: str, accounts: int, audits: int) -> Plan:
    """The transfers and the names of the sessions; which strategies do them is decided by the case."""
    return make_plan(
        transfer_with="no_lock",
        audit_with="no_lock",
        accounts=accounts,
        transfers=variant.fill(transfers),
        audits=audits,
        processes=SHARED,
    )


def _find(strategy: str, file: Path, function: str) -> Original:
    """The strategy of this name, else the student's file. Raises BankError if it lacks the function."""
    return find_strategy(strategy or str(file), function)


def do_transfer(module: ModuleType, scratch: ScratchBank, *, function: str = "transfer", place: int = 0) -> None:
    """Let a file do one of the scratch bank's transfers. As in a job, that another delivery ended it is no error.

    Raises NothingDone if the file returns work that has not begun.
    """
    with suppress(AlreadyEnded):
        check_returned(getattr(module, function)(scratch.order(place)))


def take_audit(
    module: ModuleType, scratch: ScratchBank, *, function: str = "audit", may_open: bool = False
) -> list[Reading] | int:
    """Let a file take an audit; its readings, or only the sum. Raises NotReadings if it returns anything else."""
    return read_audit(getattr(module, function), scratch, may_open=may_open)
