"""What a statement touched, as PostgreSQL itself says it: the tables that its transaction holds locks on.

Every statement locks each table that it uses, by a mode that says how: ACCESS SHARE (read), ROW SHARE (rows locked),
ROW EXCLUSIVE (written), through views, triggers and functions too, and keeps that lock to the end of its transaction.
(PostgreSQL documentation: 13.3.1 Table-Level Locks, 53.13 pg_locks.)
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import psycopg

from interleavings.statements import Thing, knows_of_constraint

# Relations of the system have lower numbers (PostgreSQL documentation: 68.2.2 OID Assignment).
LOCKS = """
SELECT c.relname, c.relkind::text, array_agg(l.mode)
FROM pg_locks l LEFT JOIN pg_class c ON c.oid = l.relation
WHERE l.pid = pg_backend_pid() AND l.locktype IN ('relation', 'advisory')
AND (c.oid IS NULL OR c.oid >= 16384 AND c.relkind IN ('r', 'p', 'm', 'f', 'S'))
GROUP BY c.relname, c.relkind
"""
OWN_CODE = """
SELECT EXISTS (SELECT FROM pg_trigger WHERE NOT tgisinternal) OR EXISTS (SELECT FROM pg_proc WHERE oid >= 16384)
OR EXISTS (SELECT FROM pg_rewrite WHERE oid >= 16384) OR EXISTS (SELECT FROM pg_policy)
"""
# Tables whose statements may do more than their text says: by triggers, rules, policies, or functions in constraints.
TABLES_WITH_CODE = """
SELECT relname FROM pg_class WHERE oid IN (
    SELECT tgrelid FROM pg_trigger WHERE NOT tgisinternal
    UNION SELECT ev_class FROM pg_rewrite WHERE rulename <> '_RETURN' UNION SELECT polrelid FROM pg_policy
    UNION SELECT conrelid FROM pg_constraint c JOIN pg_depend d ON d.objid = c.oid
    WHERE d.classid = 'pg_constraint'::regclass AND d.refclassid = 'pg_proc'::regclass AND d.refobjid >= 16384
    UNION SELECT inhrelid FROM pg_inherits UNION SELECT inhparent FROM pg_inherits
)
"""
# The columns that unique indexes, exclusion constraints and foreign keys look at; NULL: any, as an index looks at
# expressions, at generated columns, or only at some rows.
CONSTRAINTS = """
SELECT c.relname, CASE
    WHEN i.indpred IS NULL AND i.indexprs IS NULL AND NOT bool_or(a.attgenerated <> '') THEN array_agg(a.attname::text)
END
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
WHERE (i.indisunique OR i.indisexclusion) AND NOT i.indisprimary AND c.oid >= 16384 GROUP BY i.indexrelid, c.oid
UNION ALL
SELECT c.relname, array_agg(a.attname::text)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(k.conkey)
WHERE k.contype = 'f' GROUP BY k.oid, c.oid
"""
# Tables that a statement may use because it uses others: partitions, and foreign keys that act, or are checked at once.
RELATED = """
SELECT one.relname, other.relname
FROM (
    SELECT conrelid, confrelid FROM pg_constraint
    WHERE contype = 'f' AND (confdeltype, confupdtype, condeferred) <> ('a', 'a', true)
    UNION SELECT inhrelid, inhparent FROM pg_inherits
) AS pairs (one, other) JOIN pg_class one ON one.oid = pairs.one JOIN pg_class other ON other.oid = pairs.other
"""
# What follows a bracket in a statement whose only effects are on tables. Any other function may do what no lock on a
# table shows: change a setting, ask for the transaction's number, write a large object, go to another database.
_KEYWORDS = """
IN VALUES EXISTS ANY ALL SOME AND OR NOT ON USING OVER FILTER AS WHEN THEN ELSE FROM WHERE BY SELECT WITH SET UNION
"""
_FUNCTIONS = """
COUNT SUM MIN MAX AVG COALESCE NULLIF GREATEST LEAST LOWER UPPER LENGTH TRIM BTRIM LTRIM RTRIM SUBSTRING REPLACE CONCAT
ABS ROUND FLOOR CEIL MOD POWER SIGN CAST EXTRACT DATE_TRUNC MAKE_DATE ROW_NUMBER RANK DENSE_RANK LAG LEAD FIRST_VALUE
LAST_VALUE BOOL_AND BOOL_OR ARRAY_AGG STRING_AGG JSONB_AGG JSON_AGG TO_JSONB JSONB_BUILD_OBJECT NUMERIC DECIMAL VARCHAR
CHAR TIMESTAMP NEXTVAL
"""
_KNOWN = frozenset(f"{_KEYWORDS} {_FUNCTIONS}".split())
_STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
# System columns show what is not committed.
_SYSTEM_COLUMN = re.compile(r"\b(?:xmin|xmax|cmin|cmax|ctid|tableoid)\b", re.IGNORECASE)
_BEFORE_BRACKET = re.compile(r'("?)\b(\w+)\1\s*\(')


def can_be_asked(sql: str) -> bool:
    """Whether all that the statement does, by its text, is to use tables. (Names in quotes are those of tables.)"""
    calls = (name.upper() for quote, name in _BEFORE_BRACKET.findall(sql) if not quote)
    return bool(_STATEMENT.match(sql)) and not _SYSTEM_COLUMN.search(sql) and _KNOWN.issuperset(calls)


_BEYOND_TABLES = ("pg_", "set_config", "current_setting", "txid_", "lo_", "dblink", "query_to_")
SUSPICIOUS_CODE = rf"""
SELECT EXISTS (SELECT FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE p.oid >= 16384 AND l.lanname <> 'c'
AND (p.proconfig IS NOT NULL OR p.prosrc ~* '\m({"|".join(_BEYOND_TABLES)}|SET\M.*(TO|=)|NOTIFY|EXECUTE)'))
"""
READ, LOCKED, WRITTEN = "AccessShareLock", "RowShareLock", "RowExclusiveLock"
SEQUENCE = "S"


@dataclass(frozen=True)
class UsedTables:
    """What a statement touched; tables by their names."""

    reads: frozenset[str]  #: tables that it used in any way
    locks: frozenset[str]  #: tables in which it locked or wrote rows
    writes: frozenset[str]
    sequences: frozenset[str]


class Code(NamedTuple):
    """What a database has beside tables."""

    is_there: bool  #: triggers, functions, views or policies: a statement may use tables that its text does not name
    is_suspicious: bool  #: functions that may do what no lock on a table shows
    tables: frozenset[str]  #: those whose statements may do more than their text and model say; also parts of others
    related: frozenset[tuple[str, str]]  #: pairs of tables: a statement that uses one may use the other

    @classmethod
    def of(cls, raw: psycopg.Connection) -> "Code":
        """The code of the database of this connection."""
        is_there, is_suspicious = _one_row(raw, f"SELECT ({OWN_CODE}), ({SUSPICIOUS_CODE})")
        tables = {name for (name,) in raw.execute(TABLES_WITH_CODE)}
        for name, columns in raw.execute(CONSTRAINTS):
            if not knows_of_constraint(name, None if columns is None else frozenset(columns)):
                tables.add(name)
        pairs = raw.execute(RELATED).fetchall()
        return cls(
            is_there, is_suspicious, frozenset(tables), frozenset(pairs) | {(second, first) for first, second in pairs}
        )

    def may_do_more(self, things: Iterable[Thing]) -> bool:
        """Whether a statement on these may do what its text does not say."""
        return any(table in self.tables for table, _row in things)

    def with_related(self, tables: Iterable[str]) -> set[str]:
        """These tables, and all that a statement may use because it uses them."""
        names = set(tables)
        while more := {related for name, related in self.related if name in names} - names:
            names |= more
        return names


NO_CODE = Code(is_there=False, is_suspicious=False, tables=frozenset(), related=frozenset())


class TableLocks:
    """Asks for the locks of one session's transaction, statement by statement."""

    def __init__(self, code: Code) -> None:
        self._before: frozenset[str] = frozenset()
        self._code = code

    def transaction_ended(self) -> None:
        """The next statement begins a transaction that holds no lock."""
        self._before = frozenset()

    def understood(self, tables: Iterable[str]) -> None:
        """A statement was executed whose text says which tables it uses; if others follow, these are not theirs."""
        self._before = self._before.union(tables)

    def of_statement(self, raw: psycopg.Connection, sql: str) -> UsedTables | None:
        """What the statement touched that has just been executed; None if that cannot be told from locks.

        1. All locks of the transaction are read. One of another kind than a statement takes by itself (LOCK TABLE, DDL,
           an advisory lock): None. So too where a function of the database may do what no lock shows.
        2. A table may have been locked by an earlier statement. Where the database has no code of its own (triggers,
           functions, views, policies), a statement uses only tables that its text names, that are locked since, or that
           are related to these. Where it has some, it counts as using every table that its transaction has used.
        """
        code = self._code
        modes = {name: (kind, set(held)) for name, kind, held in raw.execute(LOCKS).fetchall()}
        if code.is_suspicious or None in modes or any(held - {READ, LOCKED, WRITTEN} for _kind, held in modes.values()):
            return None
        new, self._before = modes.keys() - self._before, frozenset(modes)
        named = code.with_related(name for name in modes if name in new or name in sql)
        used = {name for name in modes if code.is_there or name in named}
        tables = {name for name in used if modes[name][0] != SEQUENCE}
        return UsedTables(
            reads=frozenset(tables),
            locks=frozenset(name for name in tables if modes[name][1] & {LOCKED, WRITTEN}),
            writes=frozenset(name for name in tables if WRITTEN in modes[name][1]),
            sequences=frozenset(used - tables),
        )


def _one_row(raw: psycopg.Connection, sql: str) -> tuple[Any, ...]:
    """The only row of an answer."""
    row: tuple[Any, ...] | None = raw.execute(sql).fetchone()
    assert row is not None
    return row
