"""The isolation matrix: which anomaly is possible at which isolation level, and under which lock, proved by running.

Every module in this folder is an anomaly, except those that they share (NOT_ANOMALIES). To add one, copy its nearest
neighbour. It says

    TITLE                   what it is called, and the names in the literature in brackets
    ORDER                   its place in the matrix
    SESSIONS                by name, two functions of a protection (protections.py): each does one transaction
    ONLY_READ               the names of those that write nothing
    happened(results)       whether it happened: given what each session returned (one that was refused is missing), and
                            the rows as they stand at the end
    REFUSED_WITH            instead, if it shows by what the database refuses: the SQLSTATE

`isolation_matrix.py` runs every schedule of the sessions under every protection, in a database of its own.

Names and definitions: Berenson and others, "A Critique of ANSI SQL Isolation Levels" (1995: P0 to P4, A5A, A5B); Adya,
"Weak Consistency" (1999: G1a, G-single, G2).
"""

import importlib
import pkgutil
from types import ModuleType

NOT_ANOMALIES = {"isolation_matrix", "protections"}


def anomalies() -> list[ModuleType]:
    """The modules, in the order of the matrix."""
    names = [module.name for module in pkgutil.iter_modules(__path__) if module.name not in NOT_ANOMALIES]
    return sorted((importlib.import_module(f"{__name__}.{name}") for name in names), key=lambda module: module.ORDER)


def key_of(anomaly: ModuleType) -> str:
    """Its name in commands and addresses: that of its file."""
    return anomaly.__name__.rpartition(".")[2]
