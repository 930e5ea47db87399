"""Statements that touch no row, and those that leave nothing behind on the connection."""

import re
from functools import lru_cache

from interleavings.statements.grammar import ALIAS, NAME
from interleavings.statements.tables import tables
from interleavings.statements.words import spell

# Alone in its statement, and without a comment.
_NEUTRAL = re.compile(
    r"""\s*(?:
    BEGIN(?:\s+(?:WORK|TRANSACTION))?
    | (?:RELEASE\s+)?SAVEPOINT\s+(?:\w+|"\w+")
    | SET\s+(?!\s|CONSTRAINTS\b)(?:[\w\s.,:='"]|-(?!-))*    # SET CONSTRAINTS may check foreign keys, and lock rows
    )\s*;?\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_PLAIN = re.compile(r'(?:SELECT|UPDATE|DELETE|INSERT INTO "\w+" \() (?!.*"\w+" \(|.* INTO).*')
_BACK_TO_SAVEPOINT = re.compile(r'ROLLBACK TO SAVEPOINT "\w+"')


@lru_cache(maxsize=1000)
def is_neutral(sql: str) -> bool:
    """Whether it only says how to go on: BEGIN, SAVEPOINT, RELEASE SAVEPOINT, SET. It touches nothing by itself."""
    return _NEUTRAL.fullmatch(sql) is not None


@lru_cache(maxsize=1000)
def leaves_nothing(sql: str) -> bool:
    """Whether it leaves nothing on its connection that outlives the transaction, such as a setting.

    (But the last value of a sequence, after an INSERT. Sequences are not set back in the database either.)
    """
    if _BACK_TO_SAVEPOINT.fullmatch(sql):
        return True
    spelt = spell(sql)
    if spelt is None or not _PLAIN.fullmatch(spelt):
        return False
    known = {name for table in tables().values() for name in (table.name, *table.columns)}
    return known.union(ALIAS.findall(spelt)).issuperset(NAME.findall(spelt))
