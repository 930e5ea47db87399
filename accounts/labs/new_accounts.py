"""Accounts that are opened while an audit reads: for labs where the set of the rows changes, and not only the rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType

from accounts.explorer.judge import Judge
from accounts.explorer.scratch_bank import ScratchBank
from accounts.explorer.verdicts import Verdict
from accounts.labs.cases import take_audit
from accounts.ledger import Reading
from interleavings.engine.scenario import Ended


def open_account(module: ModuleType, scratch: ScratchBank) -> None:
    """Let a file pay the first order's amount from its source into a new account. (Its target has no part in it.)"""
    order = scratch.order(0)
    module.open_account(scratch.bank(), order.source_id, order.amount)


def audit_all(module: ModuleType, scratch: ScratchBank) -> list[Reading] | int:
    """Let a file take an audit, of new accounts too."""
    return take_audit(module, scratch, may_open=True)


@dataclass(frozen=True)
class Opened(Verdict):
    """A verdict that knows what the accounts, the new one among them, should hold."""

    expected: Mapping[int, int] = field(default_factory=dict)


def observe_opening(scratch: ScratchBank) -> Callable[[Ended], Opened]:
    """For Sessions(observe=...). To an audit that did not see the new account, it was not there: it held nothing."""
    judge, order = Judge(scratch, transactional=True), scratch.order(0)
    expected = dict(scratch.read().balances)
    expected[scratch.number(order.source_id)] -= order.amount
    expected[len(expected) + 1] = order.amount

    def observe(ended: Ended) -> Opened:
        opened = list(scratch.bank().accounts.exclude(pk__in=scratch.account_pks).values_list("pk", flat=True))
        results = {name: _with(opened, result) for name, result in ended.results.items()}
        return Opened(**vars(judge(Ended(results, ended.errors))), expected=expected)

    return observe


def _with(opened: list[int], read: list[Reading] | int | None) -> list[Reading] | int | None:
    if not isinstance(read, list):
        return read
    seen = {reading.account for reading in read}
    return [*read, *(Reading(pk, 0, None) for pk in opened if pk not in seen)]
