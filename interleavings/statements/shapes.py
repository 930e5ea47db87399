"""What a statement does to which rows; said only of statements of a narrow shape, which cannot do anything else.

That is a SELECT, an UPDATE or a row lock on one model's table, whose expressions are made of that table's columns,
values, comparisons, arithmetic and a few functions (see grammar.py); an UPDATE from other rows (joined_updates.py); and
pg_advisory_xact_lock. In a join, a subquery, a function, a WITH, a cast or anything else there may be hidden what
nobody sees in the text: of them is said nothing, and whoever asks takes it that they touch everything.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from interleavings.statements.footprint import ANY, Thing
from interleavings.statements.grammar import (
    COMPARISON,
    EXPRESSION,
    VALUE,
    Shape,
    assigned,
    has_only_columns,
    parameters,
    update_of,
)
from interleavings.statements.joined_updates import update_from, update_from_json
from interleavings.statements.tables import Table, tables
from interleavings.statements.words import spell, unqualify

ADVISORY = "advisory lock"


class Access(NamedTuple):
    """What one statement does to the rows of a table."""

    rows: frozenset[Thing]
    locks: bool
    writes: bool
    beside: frozenset[Thing] = frozenset()  # what its constraints may lock, or wait for, elsewhere
    reads: frozenset[Thing] = frozenset()  # what it only reads, elsewhere


def access(sql: str, params: Any) -> Access | None:
    """What the statement does to which rows; None if it is not of a shape that is understood."""
    shape = _shape(sql)
    if shape is None:
        return None
    keys = _keys(shape, params)
    if shape.kind == ADVISORY:  # all parameters together name one lock
        keys = [ANY if ANY in keys else tuple(keys)]
    rows = frozenset((shape.kind, key) for key in keys)
    return Access(rows, shape.locks, shape.writes, shape.beside, shape.reads)


def may_wait(sql: str, params: Any) -> bool:
    """Whether the statement may have to wait for a lock; also if it is not understood."""
    done = access(sql, params)
    return done is None or done.locks


def _keys(shape: Shape, params: Any) -> list[Any]:
    """The primary keys. Only an int is one: PostgreSQL takes 7, "7" and 7.0 for the same, and Python does not."""
    given: Sequence[Any] = params if isinstance(params, (list, tuple)) else ()
    keys = given[shape.first : shape.first + shape.count]
    return [key if type(key) is int else ANY for key in keys] or [ANY]


_SELECT = re.compile(
    rf'SELECT (?P<what>{EXPRESSION})FROM "(?P<table>\w+)" (?:WHERE (?P<where>{EXPRESSION}))?'
    r'(?P<order>ORDER BY (?:(?:"\w+"|\d+|ASC|DESC|,) )+)?(?:LIMIT (?:\d+|%s) )?'
    r'(?P<lock>FOR (?:NO KEY UPDATE|UPDATE|SHARE|KEY SHARE) (?:OF "\w+" )?(?:NOWAIT |SKIP LOCKED )?)?'
)
_UPDATE = re.compile(rf'UPDATE "(?P<table>\w+)" SET (?P<what>{EXPRESSION})(?:WHERE (?P<where>{EXPRESSION}))?')
_TABLE = re.compile(r'(?:^UPDATE|FROM) "(\w+)" ')
_ADVISORY = re.compile(r'SELECT "pg_advisory_xact_lock" \( (?P<key>%s(?: , %s)?) \) (?:AS "\w+" )?')

# A WHERE that names its rows: nothing but ANDs, and each of them narrows it down.
_TERM = rf"(?:\"\w+\" (?:{COMPARISON} {VALUE}|IN \( %s(?: , %s)* \)|IS (?:NOT )?NULL))"
_ONLY_AND = re.compile(rf"(?P<open>\( )?{_TERM}(?: AND {_TERM})*(?(open) \)) ")


@lru_cache(maxsize=1000)
def _shape(sql: str) -> Shape | None:
    spelt = spell(sql)
    if spelt is None:
        return update_from_json(sql)
    if match := _ADVISORY.fullmatch(spelt):
        return Shape(ADVISORY, locks=True, writes=False, count=match["key"].count("%s"))
    table = tables().get(named[1]) if (named := _TABLE.search(spelt)) else None
    if table is None:
        return None
    alone = unqualify(spelt, table.name)
    if match := _SELECT.fullmatch(alone):
        return _select(match, table)
    if match := _UPDATE.fullmatch(alone):
        return _update(match, table)
    return update_from(spelt)


def _select(match: re.Match, table: Table) -> Shape | None:
    if not has_only_columns(table.columns, match["what"], match["where"], match["order"]):
        return None
    first, count = _places(match, table)
    return Shape(table.name, locks=match["lock"] is not None, writes=False, first=first, count=count)


def _update(match: re.Match, table: Table) -> Shape | None:
    if not has_only_columns(table.columns, match["what"], match["where"]):
        return None
    first, count = _places(match, table)
    return update_of(table, assigned(match["what"]), first=first, count=count)


def _places(match: re.Match, table: Table) -> tuple[int, int]:
    """Which parameters are the primary keys in the WHERE clause: the first, and how many.

    (0, 0), where it does not name them: then it is the whole table, as any row may come to match.
    """
    where = match["where"] or ""
    named = re.search(rf'(?:^|\( |AND )"{table.key}" (?:= %s|IN \( %s(?: , %s)* \)) ', where)
    if named is None or not _ONLY_AND.fullmatch(where):
        return 0, 0
    return parameters(match.string, match.start("where") + named.start(), named[0])
