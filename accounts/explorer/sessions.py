"""A plan as the explorer runs it: its sessions, each with its own copy of a strategy, on a scratch bank."""

from collections.abc import Callable, Mapping
from functools import partial
from types import ModuleType
from typing import Any

from accounts import strategies
from accounts.explorer.plan import SHARED, Plan
from accounts.explorer.scratch_bank import ScratchBank
from accounts.explorer.strategy_files import find_strategy
from accounts.ledger import APPLY_REPLACING, Reading
from accounts.models import Bank, Transfer
from accounts.strategies.shared.returned import check_not_async, check_returned
from interleavings.engine import module_copies
from interleavings.engine.module_copies import Original
from interleavings.engine.python_locks import LockFiles
from interleavings.engine.scenario import Ended, Scenario, Work
from interleavings.statements import access, is_neutral

TRANSFERS = Transfer._meta.db_table
MAX_VALUE = 60  # characters of what an audit returned


def is_step(sql: str) -> bool:
    """Whether a schedule says when this statement runs; the others run along with the step before them.

    These touch nothing, or are the UPDATE of a transfer's own row, which becomes visible together with the balances;
    also the one that takes the tokens over from two accounts that its transaction has just written.
    """
    return not (is_neutral(sql) or sql == APPLY_REPLACING or _writes_transfers(sql))


def _writes_transfers(sql: str) -> bool:
    """Whether it is an UPDATE of transfers that looks at nothing else."""
    accessed = access(sql, None)
    if accessed is None or not accessed.writes:
        return False
    return {table for table, _key in accessed.rows | accessed.also_reads} == {TRANSFERS}


def build(plan: Plan, scratch: ScratchBank, observe: Callable[[Ended], Any]) -> Scenario:
    """The plan on a scratch bank, as the explorer runs it: in every schedule with fresh copies of the strategies."""
    transfer = find_strategy(plan.transfer_with, "transfer")
    audit = find_strategy(plan.audit_with, "audit")

    def begin() -> dict[str, Work]:
        scratch.reset()
        copies = Copies(plan.processes)
        works: dict[str, Work] = {}
        for place, (name, order) in enumerate(plan.sessions.items()):
            if order is None:
                works[name] = partial(read_audit, copies.get(audit, name).audit, scratch)
            else:
                works[name] = partial(_transfer, copies.get(transfer, name).transfer, scratch.order(place))
        return works

    return Scenario(tuple(plan.sessions), begin=begin, observe=observe, is_step=is_step)


def _transfer(transfer: Callable[[Transfer], Any], order: Transfer) -> None:
    """What a transfer returns is no reading. Raises NothingDone if that is work which has not begun."""
    check_returned(transfer(order))


class NotReadings(TypeError):
    """An audit returned something else than readings."""


def read_audit(audit: Callable[[Bank], Any], scratch: ScratchBank, *, may_open: bool = False) -> list[Reading] | int:
    """What the audit read, or only its sum; read within the session, should it be read lazily.

    `may_open`: accounts may have been opened since the bank was. Raises NotReadings or NothingDone for anything else,
    in the session: it is then the session that has failed, and not its judge.
    """
    result = audit(scratch.bank())
    check_not_async(result, "audit")
    if isinstance(result, int) and not isinstance(result, bool):
        return result
    readings = [_check(reading, None if may_open else scratch.account_pks) for reading in _check_many(result)]
    if len({reading.account for reading in readings}) < len(readings):
        raise NotReadings("audit(bank) returned two readings of one account: read each account once.")
    return readings


def _check_many(read: Any) -> list[Any]:
    try:
        if not isinstance(read, (Mapping, str, bytes)):
            return list(read)
    except TypeError:
        pass
    raise NotReadings(f"audit(bank) returned {_brief(read)}: return [read(account), ...].")


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}..."


def _check(reading: Any, accounts: list[int] | None) -> Reading:
    is_reading = isinstance(reading, tuple) and len(reading) == 3 and isinstance(reading[1], int)
    if not is_reading or (accounts is not None and reading[0] not in accounts):
        raise NotReadings(f"audit(bank) returned {_brief(reading)} among its readings: return [read(account), ...].")
    return Reading(*reading)


class Copies:
    """In one process all sessions use the same module; each separate process has imported its own.

    A file may import our own strategies, for their locks: it then gets private copies of them too.
    """

    def __init__(self, processes: str) -> None:
        self._processes = processes
        self._copies: dict[str, module_copies.Copies] = {}
        self._files = LockFiles()

    def get(self, original: Original, session: str) -> ModuleType:
        """The session's copy of the module."""
        process = SHARED if self._processes == SHARED else session
        if process not in self._copies:
            self._copies[process] = module_copies.Copies(process, files=self._files, private=strategies.module_names())
        return self._copies[process].get(original)
