"""Faults, injected while a storm runs. One kind per file; to add one, copy its nearest neighbour and name it here."""

import importlib.util
import os
from types import ModuleType

from accounts.errors import BankError
from accounts.faults import freeze, kill_cluster, kill_workers, redeliver, restart_database

KINDS: dict[str, ModuleType] = {
    "kill-workers": kill_workers,
    "kill-cluster": kill_cluster,
    "restart-database": restart_database,
    "redeliver": redeliver,
    "freeze": freeze,
}


def choose(names: str) -> dict[str, ModuleType]:
    """The kinds of fault named (with commas; "all"), by name. Raises BankError for what cannot be."""
    if os.name == "nt":
        raise BankError("Faults are injected with signals, which Windows does not have: leave out --chaos.")
    if importlib.util.find_spec("setproctitle") is None:
        raise BankError("The package setproctitle is missing, by which workers are found: install requirements.txt.")
    asked = list(KINDS) if names.strip() == "all" else [name.strip() for name in names.split(",")]
    for name in asked:
        if name not in KINDS:
            raise BankError(f"There is no fault {name!r}: choose from {', '.join(KINDS)}, or all.")
    chosen = {name: KINDS[name] for name in asked}
    for kind in chosen.values():
        if hasattr(kind, "refuse_if_impossible"):
            kind.refuse_if_impossible()
    return chosen
