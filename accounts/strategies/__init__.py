"""One way to lock per file. A strategy is a module with ``transfer(order)``, ``audit(bank)`` or both.

To add one, copy its nearest neighbour: every module in this folder is a strategy.
"""

import importlib
import os
import pkgutil
from functools import cache
from types import ModuleType

from accounts.errors import BankError

# A private cluster may be started with a folder of strategies of somebody's own. Whoever sets this variable for a
# process could as well run the files; no row of the database and no page can set it.
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


def promise(name: str) -> str:
    """The first line of the strategy's docstring: what it promises, and to whom."""
    return (_import(name).__doc__ or "").strip().partition("\n")[0]


def is_transactional(name: str) -> bool:
    """Whether its transfer is one database transaction; a module says so if it is not: TRANSACTIONAL = False.

    Also asked of old storms, whose strategy may be gone.
    """
    return not _is_there(name) or getattr(_import(name), "TRANSACTIONAL", True)


def transfers_per_job(name: str) -> int:
    """How many of its transfers make a job: enough for the queue to cost next to nothing beside them."""
    return getattr(_import(name), "TRANSFERS_PER_JOB", 100)


def _all_names() -> list[str]:
    """Ours: those of somebody else's folder can be loaded, and are not offered."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__[:1]) if not module.ispkg)


def _is_there(name: str) -> bool:
    return any(module.name == name for module in pkgutil.iter_modules(__path__))


def _import(name: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{name}")
