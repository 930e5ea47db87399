"""Three audits in turn: before the transfers, after them, and after a theft; in one session, with one copy of a file.

Every schedule has fresh copies, and few have two audits; in none is the total of the bank really wrong. So only
this case detects a file that keeps what it has read, or reads on until it finds the total that it wants.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from django.db.models import F

from accounts.errors import BankError
from accounts.explorer.scratch_bank import ScratchBank
from accounts.labs.case_runner import Observer, explore_sessions, judge_of
from accounts.labs.cases import Case, Sessions
from accounts.labs.schedules import Schedules, Session
from accounts.labs.variants import Variant
from accounts.models import Account
from interleavings.engine.scenario import Ended

AUDIT = "a"
BEFORE, AFTER, ROBBED = "before", "after", "robbed"
STOLEN = 1  # from the first account, by hand
IN_VAIN = (
    "Before this audit, money was stolen, so that none finds the total that it expects: it must tell what is there."
)


@dataclass(frozen=True)
class InTurn:
    """The sessions of a case in turn: its audit "a", all others, the audit, and, when money was stolen, the audit.

    It has one schedule. The verdict's `readings` are called "before", "after" and "robbed".
    """

    case: Case | Sessions

    def explore(self, file: Path, variant: Variant) -> Schedules:
        """The one schedule. Raises BankError for a file that cannot be schedules."""
        sessions, plan = self.case.cast(file, variant)
        audits: list[str] = []  # those that have begun, in the only schedule
        try:
            return explore_sessions(
                {AUDIT: _in_turn(sessions, audits)},
                orders=plan.orders,
                account_count=plan.account_count,
                observe=partial(_observe, getattr(self.case, "observe", None) or partial(judge_of, sessions)),
            )
        except BankError as refusal:
            raise BankError(f"{refusal} {IN_VAIN}" if audits[-1:] == [ROBBED] else str(refusal)) from refusal


def _in_turn(sessions: Mapping[str, Session], audits: list[str]) -> Session:
    """One session that does it all; it notes in `audits` which of them it begins."""
    audit = sessions[AUDIT]
    others = [session for name, session in sessions.items() if name != AUDIT]

    def work(module: ModuleType, scratch: ScratchBank) -> dict[str, Any]:
        modules = {audit.file.path: module} | {
            other.file.path: other.file.copy(other.heading) for other in others if other.file.path != audit.file.path
        }

        def take(name: str) -> Any:
            audits.append(name)
            return audit.work(module, scratch)

        first_audit = take(BEFORE)
        for other in others:
            other.work(modules[other.file.path], scratch)
        second_audit = take(AFTER)
        Account.objects.filter(pk=scratch.account_pks[0]).update(balance=F("balance") - STOLEN)
        return {BEFORE: first_audit, AFTER: second_audit, ROBBED: take(ROBBED)}

    return Session(audit.file, work, f"a: audit, what it was beside, audit, {STOLEN} is stolen, audit")


def _observe(judge: Observer, scratch: ScratchBank) -> Callable[[Ended], Any]:
    observe = judge(scratch)
    return lambda ended: observe(Ended(ended.results.get(AUDIT) or {}, ended.errors))
