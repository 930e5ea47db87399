"""Faults, injected while a storm runs. One kind per file; to add one, copy its nearest neighbour.

Every module in this folder is a kind of fault, except injector, soak and target, which the kinds share (NOT_KINDS).
`kill_workers.py` is `kill-workers`:

    inject(target)            does it once; returns what was done, in a few words, or "" if nothing could be done
    refuse_if_impossible()    if it is not possible everywhere: raises BankError that says why
"""

import importlib
import importlib.util
import os
import pkgutil
from types import ModuleType

from accounts.errors import BankError

NOT_KINDS = {"injector", "soak", "target"}


def names() -> list[str]:
    """The kinds of fault, as they are written after --chaos."""
    files = {module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg} - NOT_KINDS
    return sorted(file.replace("_", "-") for file in files)


def choose(kinds_text: str) -> dict[str, ModuleType]:
    """The kinds of fault that were asked for (with commas; "all"), by name. Raises BankError for what cannot be."""
    if os.name == "nt":
        raise BankError("Faults are injected with signals, which Windows does not have: leave out --chaos.")
    if importlib.util.find_spec("setproctitle") is None:
        raise BankError("The package setproctitle is missing, by which workers are found: install requirements.txt.")
    kinds = {
        name: _load(name)
        for name in (names() if kinds_text.strip() == "all" else map(str.strip, kinds_text.split(",")))
    }
    for kind in kinds.values():
        if hasattr(kind, "refuse_if_impossible"):
            kind.refuse_if_impossible()
    return kinds


def _load(name: str) -> ModuleType:
    if name not in names():
        raise BankError(f"There is no fault {name!r}: choose from {', '.join(names())}, or all.")
    kind = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    if not hasattr(kind, "inject"):
        raise BankError(f"The fault {name!r} has no inject(target): write it in {kind.__file__}.")
    return kind
