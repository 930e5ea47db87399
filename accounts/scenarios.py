"""What is to be explored, as a person asks for it, and as the explorer runs it."""

import importlib.util
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from accounts import planning, strategies
from accounts.errors import BankError
from accounts.explorer.copies import Original
from accounts.explorer.locks import LockFiles
from accounts.explorer.neutral import is_neutral
from accounts.explorer.scenario import Ended, Scenario, Work
from accounts.explorer.shapes import access
from accounts.failures import line_in
from accounts.ledger import APPLY_REPLACING, Reading
from accounts.models import Transfer
from accounts.scratch import ScratchBank

FUNCTIONS = ("transfer", "audit")
SHARED, SEPARATE = "shared", "separate"
MOST_ACCOUNTS = 20
MOST_SESSIONS = 6
TRANSFERS = Transfer._meta.db_table
ORDER = re.compile(r"(\d{1,9})>(\d{1,9}):(\d{1,18})")


@dataclass(frozen=True)
class Plan:
    """A small storm whose every schedule can be run: which strategies, which transfers, how many audits."""

    transfer_with: str
    audit_with: str
    account_count: int
    orders: tuple[planning.Order, ...]
    audit_count: int
    processes: str

    @property
    def sessions(self) -> dict[str, planning.Order | None]:
        """The sessions by name, each with its order (None: it is an audit): t and a, or t1, t2, a1, a2 ..."""
        transfers = zip(_names("t", len(self.orders)), self.orders, strict=True)
        return dict(transfers) | dict.fromkeys(_names("a", self.audit_count))

    @property
    def transfers(self) -> str:
        """As they were asked for: "1>2:30,2>1:5"."""
        return ",".join(f"{order.source}>{order.target}:{order.amount}" for order in self.orders)


def _names(letter: str, count: int) -> list[str]:
    return [letter] if count == 1 else [f"{letter}{number}" for number in range(1, count + 1)]


def make_plan(
    *, transfer_with: str, audit_with: str, accounts: int | None, transfers: str, audits: int, processes: str
) -> Plan:
    """The plan that a person asked for. Raises BankError for one that cannot be run."""
    orders = tuple(_parse_order(text) for text in transfers.split(",") if text.strip())
    highest = max((max(order.source, order.target) for order in orders), default=2)
    account_count = max(2, highest) if accounts is None else accounts
    if not 2 <= account_count <= MOST_ACCOUNTS:
        raise BankError(f"accounts cannot be {account_count:,}: choose 2 to {MOST_ACCOUNTS}.")
    if highest > account_count:
        raise BankError(
            f"There is no account {highest} among {account_count}: let transfers name accounts 1 to {account_count}, "
            "or have more accounts."
        )
    if audits < 0 or not 1 <= len(orders) + audits <= MOST_SESSIONS:
        raise BankError(
            f"{len(orders)} transfers and {audits} audits cannot be explored: choose 1 to {MOST_SESSIONS} sessions."
        )
    plan = Plan(transfer_with, audit_with, account_count, orders, audits, processes)
    find_strategy(transfer_with, "transfer")
    find_strategy(audit_with, "audit")
    return plan


def _parse_order(text: str) -> planning.Order:
    match = ORDER.fullmatch("".join(text.split()))
    if match is None:
        raise BankError(
            f"A transfer cannot be {text.strip()!r}: write SOURCE>TARGET:AMOUNT, such as 1>2:30, several with commas."
        )
    order = planning.Order(*map(int, match.groups()))
    if order.source == order.target or 0 in order:
        raise BankError(
            f"A transfer cannot be {text.strip()!r}: choose two different accounts, from 1 on, and an amount from 1 on."
        )
    return order


def find_strategy(name: str, function: str) -> Original:
    """The file of a strategy: one of ours, a path to a file, or a module by its dotted name.

    Raises BankError, with the line if there is one, for a file that is not there or cannot be a strategy.
    """
    if name in strategies.names("transfer") + strategies.names("audit"):
        module = strategies.load(name, function)
        return Original(module.__file__, name=module.__name__)
    original, module = look_at(name, _find_file(name, function))
    if not callable(getattr(module, function, None)):
        advice = "a strategy has transfer(order), audit(bank) or both." if function in FUNCTIONS else "write it."
        raise BankError(f"{name} has no function {function}: {advice}")
    return original


def look_at(name: str, path: Path) -> tuple[Original, ModuleType]:
    """A file, and a copy of it as a module. Raises BankError for one that is not there or cannot be imported."""
    original = _compile(name, path)
    try:
        return original, original.copy("a look at it")
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever a foreign module raises when it is imported, sys.exit() included
        said, line = f"{type(error).__name__}: {_message(error)}".rstrip(": "), line_in(path, error)
        where = f"; line {line}" if line else ""
        raise BankError(f"{name} cannot be imported ({said}{where}): repair it first.") from error


def _message(error: BaseException) -> str:
    """What an error says; it may be of a foreign class that cannot say anything."""
    try:
        return str(error)
    except Exception:
        return ""


def _find_file(name: str, function: str) -> Path:
    if name.lower().endswith(".py"):
        return Path(name)
    try:
        spec = importlib.util.find_spec(name) if "." in name.strip(".") else None
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.origin:
        raise BankError(
            f"There is no strategy {name!r}: choose one of {', '.join(strategies.names(function))}, "
            "or give the path of a file such as my_fix.py."
        )
    return Path(spec.origin)


def _compile(name: str, path: Path) -> Original:
    try:
        return Original(path)
    except OSError as error:
        raise BankError(f"The strategy {name} cannot be read ({error.strerror}): give the path of a file.") from error
    except (MemoryError, RecursionError) as error:
        raise BankError(f"The strategy {name} is not Python (it is nested too deeply): repair it first.") from error
    except (SyntaxError, ValueError) as error:
        at = f"line {error.lineno}: " if getattr(error, "lineno", None) else ""
        said = error.msg if isinstance(error, SyntaxError) else str(error)
        raise BankError(f"The strategy {name} is not Python ({at}{said}): repair it first.") from error


def is_step(sql: str) -> bool:
    """Whether a schedule says when this statement runs; the others run along with the step before them.

    These touch nothing, or are the UPDATE of a transfer's own row, which becomes visible together with the balances;
    also the one that takes the tokens over from two accounts that its transaction has just written.
    """
    return not (is_neutral(sql) or sql == APPLY_REPLACING or _writes_transfers(sql))


def _writes_transfers(sql: str) -> bool:
    """Whether it is an UPDATE of transfers that looks at nothing else."""
    done = access(sql, None)
    return done is not None and done.writes and {table for table, _key in done.rows | done.reads} == {TRANSFERS}


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


def _transfer(transfer: Callable, order: Transfer) -> None:
    """What a transfer returns is nobody's reading."""
    transfer(order)


class NotReadings(TypeError):
    """An audit returned something else than readings."""


def read_audit(audit: Callable, scratch: ScratchBank, *, may_open: bool = False) -> list[Reading] | int:
    """What the audit read, or only its sum; read within the session, should it be read lazily.

    `may_open`: accounts may have been opened since the bank was. Raises NotReadings for anything else, in the session:
    it is then the session that has failed, and not its judge.
    """
    read = audit(scratch.bank())
    if isinstance(read, int) and not isinstance(read, bool):
        return read
    readings = [_check(reading, None if may_open else scratch.account_pks) for reading in _check_many(read)]
    if len({reading.account for reading in readings}) < len(readings):
        raise NotReadings("audit(bank) returned two readings of one account: read each account once.")
    return readings


def _check_many(read: Any) -> list:
    try:
        return list(read)
    except TypeError as error:
        raise NotReadings(f"audit(bank) returned {read!r:.40}: return [read(account), ...].") from error


def _check(reading: Any, accounts: list[int] | None) -> Reading:
    is_reading = isinstance(reading, tuple) and len(reading) == 3 and isinstance(reading[1], int)
    if not is_reading or (accounts is not None and reading[0] not in accounts):
        raise NotReadings(f"audit(bank) returned {reading!r:.40} among its readings: return [read(account), ...].")
    return Reading(*reading)


class Copies:
    """In one process all sessions use the same module; each separate process has imported its own."""

    def __init__(self, processes: str) -> None:
        self._processes = processes
        self._modules: dict[tuple[Path, str], ModuleType] = {}
        self._files = LockFiles()

    def get(self, original: Original, session: str) -> ModuleType:
        process = SHARED if self._processes == SHARED else session
        key = original.path, process
        if key not in self._modules:
            self._modules[key] = original.copy(process, self._files)
        return self._modules[key]
