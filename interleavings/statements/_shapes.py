"""The shapes of statements that are understood, and what a statement of each does to which rows.

Each shape is a pattern over the one spelling of _language.py. To add one: write its pattern, say in a function what its
match does, and try the function in `_shape`; then add statements of the shape, and some that only look like it, to
tests/interleavings/engine/test_footprint.py.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django.core.signals import setting_changed
from django.dispatch import receiver

from interleavings.statements._language import (
    COMPARISON,
    EXPRESSION,
    NAME,
    VALUE,
    assigned_columns,
    has_only_columns,
    parameters_in,
    spell,
    unqualify,
)
from interleavings.statements._tables import ANY, Table, Thing, tables

_ADVISORY = "advisory lock"


class Access(NamedTuple):
    """What one statement does to the rows of a table, or to an advisory lock."""

    rows: frozenset[Thing]
    locks: bool  #: whether it locks the rows, and so may have to wait for them
    writes: bool
    also_locks: frozenset[Thing] = frozenset()  #: what its constraints may lock, or wait for, in other tables
    also_reads: frozenset[Thing] = frozenset()  #: what it only reads, in other tables
    skips_locked: bool = False  #: whether it leaves out rows that others have locked

    def finding_nothing(self) -> "Access":
        """What it did if it has found no row, and has not waited: then it has only read what was committed.

        A row that another transaction has locked, changed or deleted, and not yet committed, would have been found as
        it was before, and waited for; one that another has inserted is not seen. Where locked rows are left out, there
        may have been some.
        """
        return self if self.skips_locked else self._replace(locks=False, writes=False, also_locks=frozenset())


class Parameters(NamedTuple):
    """Which parameters of a statement are the primary keys of its rows. None of them: it may be any row."""

    first: int = 0
    length: int = 0


ANY_ROW = Parameters()


@dataclass(frozen=True)
class Shape:
    """A statement without its values: the same for all statements of one text."""

    kind: str  # the table, or the kind of lock
    locks: bool
    writes: bool
    keys: Parameters = ANY_ROW
    also_locks: frozenset[Thing] = frozenset()
    also_reads: frozenset[Thing] = frozenset()
    skips_locked: bool = False


def access(sql: str, params: Any) -> Access | None:
    """What the statement does to which rows; None if it is not of a shape that is understood."""
    shape = _shape(sql)
    if shape is None:
        return None
    keys = _keys(shape, params)
    if shape.kind == _ADVISORY:  # all its parameters together name one lock
        keys = [ANY if ANY in keys else tuple(keys)]
    rows = frozenset((shape.kind, key) for key in keys)
    return Access(rows, shape.locks, shape.writes, shape.also_locks, shape.also_reads, shape.skips_locked)


def _keys(shape: Shape, params: Any) -> list[Any]:
    """The primary keys. Only an int is one: PostgreSQL takes 7, "7" and 7.0 for the same, and Python does not."""
    given: Sequence[Any] = params if isinstance(params, (list, tuple)) else ()
    keys = given[shape.keys.first : shape.keys.first + shape.keys.length]
    return [key if type(key) is int else ANY for key in keys] or [ANY]


_TABLE = re.compile(r'(?:^UPDATE|FROM) "(\w+)" ')


@lru_cache(maxsize=1000)
def _shape(sql: str) -> Shape | None:
    spelt = spell(sql)
    if spelt is None:
        return _update_from_json(sql)
    if advisory := _advisory_lock(spelt):
        return advisory
    named = _TABLE.search(spelt)
    table = tables().get(named[1]) if named else None
    if table is None:
        return None
    alone = unqualify(spelt, table.name)
    return _select(alone, table) or _cursor(alone, table) or _update(alone, table) or _update_from(spelt)


@receiver(setting_changed)
def _forget(*, setting: str, **_others: Any) -> None:
    """Where other apps are installed, there are other tables."""
    if setting == "INSTALLED_APPS":
        for cached in (tables, _shape):
            cached.cache_clear()


# pg_advisory_xact_lock alone. Other advisory locks may outlive their transaction.

_HASHED = r'"hashtext" \( %s \)|"hashtextextended" \( %s , (?:%s|\d+) \)'  # a name in the place of a number: any lock
_ADVISORY_LOCK = re.compile(
    rf'SELECT "pg_advisory_xact_lock" \( (?:(?P<numbers>%s(?: , %s)?)|{_HASHED}) \) (?:AS "\w+" )?'
)


def _advisory_lock(spelt: str) -> Shape | None:
    match = _ADVISORY_LOCK.fullmatch(spelt)
    if match is None:
        return None
    return Shape(_ADVISORY, locks=True, writes=False, keys=Parameters(0, (match["numbers"] or "").count("%s")))


# SELECT from one table, also FOR UPDATE, and UPDATE of one table.

_SELECT = re.compile(
    rf'SELECT (?P<what>{EXPRESSION})FROM "(?P<table>\w+)" (?:WHERE (?P<where>{EXPRESSION}))?'
    r'(?P<order>ORDER BY (?:(?:"\w+"|\d+|ASC|DESC|,) )+)?(?:LIMIT (?:\d+|%s) )?'
    r'(?P<lock>FOR (?:NO KEY UPDATE|UPDATE|SHARE|KEY SHARE) (?:OF "\w+" )?(?:NOWAIT |SKIP LOCKED )?)?'
)
_UPDATE = re.compile(rf'UPDATE "(?P<table>\w+)" SET (?P<what>{EXPRESSION})(?:WHERE (?P<where>{EXPRESSION}))?')

# A WHERE that names its rows: conditions joined by AND alone, so each of them leaves fewer rows.
_CONDITION = rf"(?:\"\w+\" (?:{COMPARISON} {VALUE}|IN \( %s(?: , %s)* \)|IS (?:NOT )?NULL))"
_ONLY_AND = re.compile(rf"(?P<open>\( )?{_CONDITION}(?: AND {_CONDITION})*(?(open) \)) ")


def _select(alone: str, table: Table) -> Shape | None:
    match = _SELECT.fullmatch(alone)
    if match is None or not has_only_columns(table.columns, match["what"], match["where"], match["order"]):
        return None
    lock = match["lock"] or ""
    skips_locked = "SKIP LOCKED" in lock
    return Shape(
        table.name, locks=bool(lock), writes=False, keys=_keys_in_where(match, table), skips_locked=skips_locked
    )


def _update(alone: str, table: Table) -> Shape | None:
    match = _UPDATE.fullmatch(alone)
    if match is None or not has_only_columns(table.columns, match["what"], match["where"]):
        return None
    return _update_of(table, assigned_columns(match["what"]), keys=_keys_in_where(match, table))


def _keys_in_where(match: re.Match[str], table: Table) -> Parameters:
    """The parameters that are primary keys in the WHERE clause. ANY_ROW, where it does not name its rows."""
    where = match["where"] or ""
    named = re.search(rf'(?:^|\( |AND )"{table.key}" (?:= %s|IN \( %s(?: , %s)* \)) ', where)
    if named is None or not _ONLY_AND.fullmatch(where):
        return ANY_ROW
    return Parameters(*parameters_in(match.string, match.start("where") + named.start(), named[0]))


def _update_of(
    table: Table,
    columns: Iterable[str] | None,
    *,
    keys: Parameters = ANY_ROW,
    also_reads: frozenset[Thing] = frozenset(),
) -> Shape | None:
    """An UPDATE that assigns to these columns; None if one of them is the primary key, or is not known."""
    if columns is None or table.key in columns or not table.columns.issuperset(columns):
        return None
    also_locks = frozenset() if table.constrained.isdisjoint(columns) else table.related
    return Shape(table.name, locks=True, writes=True, keys=keys, also_locks=also_locks, also_reads=also_reads)


# DECLARE a cursor for a SELECT. It reads what was committed when it was declared, whenever its rows are fetched
# (PostgreSQL documentation: DECLARE, "Insensitive"). With a row lock it would lock them at the FETCH: not understood.

_DECLARE = re.compile(r'"declare" "\w+" (?:NO "scroll" |"scroll" |"insensitive" )?"cursor" FOR (?P<query>SELECT .*)')
_OF_CURSOR = re.compile(r"""\s*(?:FETCH|MOVE|CLOSE)\s(?:[\w\s"]|-(?!-))*;?\s*""", re.IGNORECASE)


def _cursor(alone: str, table: Table) -> Shape | None:
    match = _DECLARE.fullmatch(alone)
    query = _select(match["query"], table) if match else None
    return query if query is not None and not query.locks else None


@lru_cache(maxsize=1000)
def uses_cursor(sql: str) -> bool:
    """Whether the statement fetches rows from a cursor, moves or closes it. If `access` understood its DECLARE, that
    touches nothing more."""
    return _OF_CURSOR.fullmatch(sql) is not None


# UPDATE ... AS ... FROM ... AS ...: rows of one table, by values of others; all tables with other names.

_SOURCE = r'"\w+" AS "\w+" '
_UPDATE_FROM = re.compile(
    rf'UPDATE "(?P<table>\w+)" AS "(?P<alias>\w+)" SET (?P<what>(?:{EXPRESSION}|\. )+)'
    rf"FROM (?P<sources>{_SOURCE}(?:, {_SOURCE})*)WHERE (?P<where>(?:{EXPRESSION}|\. )+)"
)
_QUALIFIER = re.compile(r'"(\w+)" \. ')
_COLUMN = r'(?:"\w+" \. )?"\w+"'
_JOIN_CONDITION = rf"{_COLUMN} {COMPARISON} (?:{VALUE}|{_COLUMN})"
_ONLY_JOINED_BY_AND = re.compile(rf"{_JOIN_CONDITION}(?: AND {_JOIN_CONDITION})* ")


def _update_from(spelt: str) -> Shape | None:
    match = _UPDATE_FROM.fullmatch(spelt)
    table = tables().get(match["table"]) if match else None
    if match is None or table is None:
        return None
    pairs = [NAME.findall(source) for source in match["sources"].split(", ")]
    sources = [tables()[name] for name, _alias in pairs if name in tables()]
    aliases = {match["alias"], *(alias for _name, alias in pairs)}
    if len(sources) < len(pairs) or not _has_only_their_columns(match, [table, *sources], aliases):
        return None
    also_reads = frozenset((source.name, ANY) for source in sources)
    return _update_of(table, assigned_columns(match["what"]), keys=_keys_in_join(match, table), also_reads=also_reads)


def _has_only_their_columns(match: re.Match[str], used: list[Table], aliases: set[str]) -> bool:
    columns = frozenset().union(*(table.columns for table in used))
    texts = match["what"], match["where"]
    qualifiers = {qualifier for text in texts for qualifier in _QUALIFIER.findall(text)}
    return qualifiers <= aliases and has_only_columns(columns, *(_QUALIFIER.sub("", text) for text in texts))


def _keys_in_join(match: re.Match[str], table: Table) -> Parameters:
    """The parameter that is the primary key of the row that is updated. ANY_ROW, if that may be any."""
    where = match["where"]
    named = re.search(rf'(?:^|AND )"{match["alias"]}" \. "{table.key}" = %s ', where)
    if named is None or not _ONLY_JOINED_BY_AND.fullmatch(where):
        return ANY_ROW
    return Parameters(*parameters_in(match.string, match.start("where") + named.start(), named[0]))


# UPDATE ... FROM json_to_recordset(...) AS new (...): many rows of one table, in exactly this writing.

_TYPE = "(?:bigint|int|text|timestamptz)"
_UPDATE_FROM_JSON = re.compile(
    r"UPDATE (?P<table>\w+) SET (?P<what>\w+ = new\.\w+(?:, \w+ = new\.\w+)*) "
    rf"FROM json_to_recordset\(%s::json\) AS new \(\w+ {_TYPE}(?:, \w+ {_TYPE})*\) "
    r"WHERE (?P=table)\.(?P<key>\w+) = new\.(?P=key)"
)


def _update_from_json(sql: str) -> Shape | None:
    match = _UPDATE_FROM_JSON.fullmatch(sql)
    table = tables().get(match["table"]) if match else None
    if match is None or table is None:
        return None
    return _update_of(table, {pair.partition(" = ")[0] for pair in match["what"].split(", ")})
