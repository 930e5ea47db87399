"""A database that ends every transaction with 40001: for labs whose repair begins again, but not for ever."""

import re
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import psycopg
from django.db import OperationalError, connection

from accounts.explorer.scratch_bank import ScratchBank
from accounts.labs.cases import Sessions, do_transfer

MAX_ATTEMPTS = 100
ACCOUNTS = "accounts_account"
NOTHING_COMES_OF_IT = re.compile(r"\s*SET\b", re.IGNORECASE)


class NeverEnds(BaseException):
    """It has begun again more often than anybody would who counts. (No `except Exception` may stop it.)"""


def always_ended(transfer: str) -> Sessions:
    """One transfer, whose transactions all end at their first look at the accounts. Nothing is done to the bank."""
    heading = f"t: {transfer.replace('>', ' > ').replace(':', ', ')}, and 40001 each time"
    return Sessions(transfer, {"t": (heading, _work)}, "transfer", accounts=4, is_step=lambda _sql: False)


def _work(module: ModuleType, scratch: ScratchBank) -> None:
    let_sleep_return_at_once(module)
    # Before the session's own wrapper, so that what is refused is no step: a hundred attempts have few steps then.
    connection.execute_wrappers.insert(0, _EndEvery())
    try:
        do_transfer(module, scratch)
    finally:
        del connection.execute_wrappers[0]


def let_sleep_return_at_once(module: ModuleType) -> None:
    """In this copy of a student's file, and for no other code, `time.sleep` does not wait.

    A repair may wait before it begins again. A hundred such attempts take longer than the explorer's patience, and the
    repair would be reported as one that hangs. What is changed for the copy:

    1. the names by which it has imported `time`, or `sleep` from it;
    2. what `import time` gives its functions when they run.
    """
    shadow = ModuleType("time")
    vars(shadow).update(vars(time), sleep=lambda _seconds: None)
    for name, value in list(vars(module).items()):
        if value is time or value is time.sleep:
            setattr(module, name, shadow if value is time else shadow.sleep)
    builtins = vars(module)["__builtins__"]  # the copy's own: see gated_builtins()
    import_ = builtins["__import__"]
    builtins["__import__"] = lambda name, *rest, **options: (
        shadow if name == "time" else import_(name, *rest, **options)
    )


class _EndEvery:
    def __init__(self) -> None:
        self._count = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if NOTHING_COMES_OF_IT.match(sql):
            return None
        if ACCOUNTS not in sql:
            return execute(sql, params, many, context)
        self._count += 1
        if self._count > MAX_ATTEMPTS:
            raise NeverEnds
        refusal = psycopg.errors.SerializationFailure("could not serialize access, as so often")
        raise OperationalError(str(refusal)) from refusal
