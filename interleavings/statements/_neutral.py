"""Statements that touch no row, and statements that leave nothing behind."""

import re
from functools import lru_cache
from typing import Any

from django.core.signals import setting_changed
from django.dispatch import receiver

from interleavings.statements._language import ALIAS, NAME, spell
from interleavings.statements._tables import tables

_NEUTRAL = re.compile(  # alone in its text, and without a comment
    r"""\s*(?:
    BEGIN(?:\s+(?:WORK|TRANSACTION))?
    | (?:RELEASE\s+)?SAVEPOINT\s+(?:\w+|"\w+")
    | SET\s+(?!\s|CONSTRAINTS\b)(?:[\w\s.,:='"]|-(?!-))*    # SET CONSTRAINTS may check foreign keys, and lock rows
    )\s*;?\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_BACK_TO_SAVEPOINT = re.compile(r'ROLLBACK TO SAVEPOINT "\w+"')
_NO_FUNCTION = re.compile(r'(?:SELECT|UPDATE|DELETE|INSERT INTO "\w+" \() (?!.*"\w+" \(|.* INTO).*')


@lru_cache(maxsize=1000)
def is_neutral(sql: str) -> bool:
    """Whether the statement only says how to go on: BEGIN, SAVEPOINT, RELEASE SAVEPOINT, SET. It touches no row."""
    return _NEUTRAL.fullmatch(sql) is not None


@lru_cache(maxsize=1000)
def goes_back_to_savepoint(sql: str) -> bool:
    """Whether the statement takes back what its transaction has done since a savepoint, and does nothing else."""
    return _BACK_TO_SAVEPOINT.fullmatch(sql) is not None


@lru_cache(maxsize=1000)
def leaves_nothing(sql: str) -> bool:
    """Whether the statement leaves nothing on its connection that outlives the transaction, such as a setting.

    The last value of a sequence is not counted: sequences are not set back in the database either.
    """
    if goes_back_to_savepoint(sql):
        return True
    spelt = spell(sql)
    if spelt is None or not _NO_FUNCTION.fullmatch(spelt):
        return False
    known = {name for table in tables().values() for name in (table.name, *table.columns)}
    return known.union(ALIAS.findall(spelt)).issuperset(NAME.findall(spelt))


@receiver(setting_changed)
def _forget(*, setting: str, **_others: Any) -> None:
    """Where other apps are installed, there are other tables."""
    if setting == "INSTALLED_APPS":
        leaves_nothing.cache_clear()
