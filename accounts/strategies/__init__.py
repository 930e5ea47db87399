"""One way to lock per file. A strategy is a module with ``transfer(order)``, ``audit(bank)`` or both.

To add one, copy its nearest neighbour: every module in this folder is a strategy. Its file says by
itself, near its top, what the other rooms need to know:

    TRANSFERS_HOLD              among whom its transfers neither make nor lose money (shared/promises.py)
    TRANSFERS_HOLD_UNDER_KILLS  the same while workers are killed, if that is less
    AUDITS_HOLD                 beside which transfers its audits are whole (shared/promises.py)
    ASKS_FOR                    which lock its transfers and audits wait for, if they ask for one (shared/promises.py)
    TRANSACTIONAL = False       if a transfer is not one database transaction
    TEACHING_ORDER              its place where strategies are listed from weak to strong
    PACE                        how fast it is, in units of row_lock, if it is much faster or slower
    TRANSFERS_PER_JOB           how many transfers make a job, if 200 are done too soon, or take too long
    BATCH_SIZE                  how many transfers transfer_many(orders) does at once, if there is one

What a file does not say, it does not promise: see undeclared().
"""

import importlib
import os
import pkgutil
from collections.abc import Iterable, Iterator
from enum import EnumMeta
from functools import cache
from math import inf
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from accounts.errors import BankError
from accounts.strategies.shared.promises import Among, Beside, Lock

T = TypeVar("T")
Kind = type | tuple[type, ...]

NUMBER = (int, float)

NEEDED = {"transfer": ("TRANSFERS_HOLD", Among), "audit": ("AUDITS_HOLD", Beside)}

# The folders whose strategies are offered: this one.
OFFERED = [*__path__]

# A private cluster may be started with a second folder of strategies: they can be loaded, and are not offered. A
# program that can set this variable could run the files anyway; no row of the database and no page can set it.
FOLDER = "BANK_STRATEGIES"
if FOLDER in os.environ:
    __path__.append(os.environ[FOLDER])


def names(function: str) -> list[str]:
    """The strategies that have the function ("transfer" or "audit"), by name."""
    return [name for name in _all_names() if hasattr(_import(name), function)]


@cache
def module_names() -> frozenset[str]:
    """The dotted names of the modules of all strategies that are ours."""
    return frozenset(f"{__name__}.{name}" for name in _all_names())


def load(name: str, function: str) -> ModuleType:
    """The strategy's module. Raises BankError if there is none of this name, or it lacks the function."""
    if not _is_there(name):
        raise BankError(f"There is no strategy {name!r}: choose one of {', '.join(names(function))}.")
    module = _import(name)
    if not hasattr(module, function):
        raise BankError(f"The strategy {name!r} has no {function}: choose one of {', '.join(names(function))}.")
    return module


# What a strategy's file says of itself. Each of these raises BankError if the file says what it cannot mean.


def promise(name: str) -> str:
    """The first line of the strategy's docstring: what it promises, and to whom."""
    return (_import(name).__doc__ or "").strip().partition("\n")[0]


def transfers_hold(name: str, *, under_kills: bool = False) -> Among:
    """Among whom its transfers neither make nor lose money; no one, if its file does not say so."""
    among = _said(name, "TRANSFERS_HOLD", Among.NO_ONE, Among)
    return _said(name, "TRANSFERS_HOLD_UNDER_KILLS", among, Among) if under_kills else among


def audits_hold(name: str) -> Beside:
    """Beside which transfers its audits are whole; beside none, if its file does not say so."""
    return _said(name, "AUDITS_HOLD", Beside.NO_TRANSFERS, Beside)


def is_transactional(name: str) -> bool:
    """Whether its transfer is one database transaction; also asked of old storms, whose strategy may be gone."""
    return not _is_there(name) or _said(name, "TRANSACTIONAL", True, bool)


def asks_for(name: str) -> Lock | None:
    """The lock that its transfers and audits ask for. Raises BankError also for a strategy that is gone."""
    if not _is_there(name):
        raise BankError(f"There is no strategy {name!r} any more: its lock is not known.")
    return _said(name, "ASKS_FOR", None, (Lock, type(None)))


def from_weak_to_strong(some: Iterable[str]) -> list[str]:
    """These strategies in the order in which they are taught; those that have no place in it come last, by name."""
    return sorted(some, key=lambda name: (_said(name, "TEACHING_ORDER", inf, NUMBER), name))


def pace(name: str) -> float:
    """How fast it is, in units of row_lock, roughly: a faster one is given more transfers, a slower one fewer."""
    return _said(name, "PACE", 1.0, NUMBER)


def transfers_per_job(name: str) -> int:
    """How many of its transfers make a job: enough for the queue to cost next to nothing beside them."""
    return _said(name, "TRANSFERS_PER_JOB", 200, int)


def undeclared() -> list[str]:
    """A sentence for each promise that a file lacks, with the line to add. Commands that judge promises print them."""
    return [sentence for name in _all_names() for sentence in _lacks(name)]


def _lacks(name: str) -> Iterator[str]:
    module = _import(name)
    file = "/".join(Path(module.__file__ or name).parts[-3:])
    for function, (constant, kind) in NEEDED.items():
        if hasattr(module, function) and not hasattr(module, constant):
            yield (
                f"{file} does not say what its {function}s promise, so they are expected to hold nothing: add a line "
                f"{constant} = {_choices(kind)} (from accounts.strategies.shared.promises import {kind.__name__})."
            )
    if not any(hasattr(module, function) for function in NEEDED):
        yield f"{file} is no strategy, and is not offered: write transfer(order), audit(bank) or both."


def _said(name: str, constant: str, default: T, kind: Kind) -> T:
    """What the strategy's file assigns to a name."""
    value: T = getattr(_import(name), constant, default)
    if not isinstance(value, kind):
        kind_in_words = _choices(kind) if isinstance(kind, EnumMeta) else f"a value such as {default!r}"
        raise BankError(f"The strategy {name} says {constant} = {value!r}: make it {kind_in_words}.")
    return value


def _choices(kind: EnumMeta) -> str:
    return " or ".join(f"{kind.__name__}.{name}" for name in kind.__members__)


# The files.


def _all_names() -> list[str]:
    return sorted(_files(OFFERED))


def _is_there(name: str) -> bool:
    return name in _files(__path__)


def _files(folders: Iterable[str]) -> set[str]:
    return {module.name for module in pkgutil.iter_modules(folders) if not module.ispkg}


@cache
def _import(name: str) -> ModuleType:
    """The module, imported once: sys.modules may name a copy, for as long as another thread's exploration makes one."""
    return importlib.import_module(f"{__name__}.{name}")
