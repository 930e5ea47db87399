"""What stood in the tables when an exploration began: kept in the database, and set back before every schedule."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from typing import Any

import psycopg
from django.db import connection

from interleavings.database.sequences import all_sequences
from interleavings.database.tables import Table, all_tables
from interleavings.engine.server_settings import may_set
from interleavings.errors import CannotExplore

NEED_NOT_LAST = "SET LOCAL synchronous_commit = off"  # what a COMMIT shows to others does not depend on the disk
# Up to so many rows, a table that was changed is filled anew as a whole, so that its rows stand in the order in which
# they stood: without ORDER BY, that is the order in which a statement reads and locks them. Where a page of the table
# is full, PostgreSQL may put some rows before others; then that is done again.
MAX_ROWS_IN_ORDER = 1_000
MAX_FILLINGS = 5
MOMENT = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::numeric % 4294967296"

Row = Mapping[str, Any]


class Snapshot(AbstractContextManager["Snapshot"]):
    """The rows of all tables, and the sequences, as they were found. Use it in a `with`: at its end they are back.

    A copy of each table is kept on this connection, as a temporary table. What a schedule changed is found by
    PostgreSQL's own mark: a row version knows the transaction that wrote it (its documentation: 5.6 System Columns,
    xmin), and every transaction of a schedule comes after the one that set the tables back.
    """

    def __enter__(self) -> "Snapshot":
        self.tables = all_tables()
        self._copies = {table.name: f"interleavings_copy_{place}" for place, table in enumerate(self.tables)}
        self._sequences = all_sequences()
        connection.ensure_connection()
        self._raw = connection.connection
        self._may_skip_triggers = bool(may_set(self._raw, ["session_replication_role"]))
        self._originals: dict[str, list[Row]] = {}
        copies = (f"CREATE TEMP TABLE {self._copies[t.name]} AS SELECT * FROM {t.rows}" for t in self.tables)
        self._run(copies)
        counts = (f"(SELECT count(*) FROM {copy})" for copy in self._copies.values())
        self._counts = dict(zip(self._copies, self._ask(f"SELECT {', '.join(counts)}")[0], strict=True))
        self._note_moment(self._set_sequences())
        return self

    def __exit__(self, *exception: object) -> None:
        originals = ", ".join(sequence.original for sequence in self._sequences)
        if self._raw.closed and originals:
            with connection.cursor() as cursor:  # on another connection; the rows cannot be set back
                cursor.execute(f"SELECT {originals}")
        self._set_back(self.changed())
        dropped = ", ".join(self._copies.values())
        self._run([f"SELECT {originals}"] * bool(originals) + [f"DROP TABLE IF EXISTS {dropped}"] * bool(dropped))

    def set_back(self, changed: list[Table] | None = None) -> None:
        """Make everything as it was found, but for the sequences: each begins at its own first key.

        `changed`: what changed() has said, if nothing has happened since.
        """
        self._set_back(self.changed() if changed is None else changed)

    def changed(self) -> list[Table]:
        """The tables in which a row was inserted, updated or deleted since they were set back last."""
        if not self.tables:
            return []
        # A deleted row is missed by the count; or, if another one was inserted, that one is new.
        since = f"age(xmin) <= age('{self._moment}'::xid)"
        looks = (
            f"(SELECT count(*) <> {self._counts[t.name]} OR count(*) FILTER (WHERE {since}) > 0 FROM {t.rows})"
            for t in self.tables
        )
        flags = self._ask(f"SELECT {', '.join(looks)}")[0]
        return [table for table, is_changed in zip(self.tables, flags, strict=True) if is_changed]

    def read(self, tables: Iterable[Table]) -> dict[str, list[Row]]:
        """The rows that stand in these tables now, by the tables' names; values as in JSON."""
        return self._read({table.name: table.rows for table in tables})

    def original(self, table: Table) -> list[Row]:
        """The rows that were found in the table."""
        if table.name not in self._originals:
            self._originals |= self._read({table.name: self._copies[table.name]})
        return self._originals[table.name]

    def _read(self, sources: Mapping[str, str]) -> dict[str, list[Row]]:
        rows: dict[str, list[Row]] = {name: [] for name in sources}
        selects = [f"SELECT {_literal(name)}, to_json(t)::text FROM {source} t" for name, source in sources.items()]
        for name, document in self._ask(" UNION ALL ".join(selects)) if selects else []:
            rows[name].append(json.loads(document, parse_float=Decimal))
        return rows

    def _set_back(self, tables: list[Table]) -> None:
        """Rows, their order in small tables, and sequences."""
        for _ in range(MAX_FILLINGS):
            self._fill(tables)
            tables = self._not_in_order(tables)
            if not tables:
                return

    def _not_in_order(self, tables: list[Table]) -> list[Table]:
        """The tables among these, of those that are filled anew, whose rows stand in another order than they did."""
        filled = [table for table in tables if self._counts[table.name] > 1 and self._is_filled_anew(table)]
        if not filled:
            return []
        orders = (
            f"(SELECT array_agg(t::text) FROM {table.rows} t) = (SELECT array_agg(c::text) FROM {copy} c)"
            for table, copy in ((table, self._copies[table.name]) for table in filled)
        )
        flags = self._ask(f"SELECT {', '.join(orders)}")[0]
        return [table for table, is_in_order in zip(filled, flags, strict=True) if not is_in_order]

    def _fill(self, tables: list[Table]) -> None:
        """In one round trip: delete what is new, in children first; insert what is missing, in parents first.

        Meanwhile triggers are off, and foreign keys are. Only users with a privilege may say so for all at once. For
        others, triggers are disabled table by table; and what foreign keys do is undone: a child that was deleted with
        its parent is missing then; one that was changed is new, and deleted the second time.
        """
        if self._may_skip_triggers:
            deletes = [self._delete(table) for table in reversed(tables)]
            changes = ["SET LOCAL session_replication_role = replica", *deletes, *map(self._insert, tables)]
        else:
            follow: set[Table] = set().union(*(table.with_followers(self.tables) for table in tables))
            all_of_them = [table for table in self.tables if table in follow]
            deletes = 2 * [self._delete(table) for table in reversed(all_of_them)]
            changes = [*deletes, *map(self._insert, all_of_them)]
            watched = [table.sql for table in all_of_them if table.has_triggers]
            off, on = ([f"ALTER TABLE {sql} {word} TRIGGER USER" for sql in watched] for word in ("DISABLE", "ENABLE"))
            at_once = ["SET CONSTRAINTS ALL IMMEDIATE"] * bool(watched)  # a table with checks to come is not altered
            changes = [*off, *changes, *at_once, *on]
        self._note_moment([*(changes if tables else []), *self._set_sequences()])

    def _delete(self, table: Table) -> str:
        is_new = f" WHERE age(xmin) <= age('{self._moment}'::xid)"
        return f"DELETE FROM {table.rows}{'' if self._is_filled_anew(table) else is_new}"

    def _insert(self, table: Table) -> str:
        columns = ", ".join(table.columns)
        same_key = " AND ".join(f"t.{key} = c.{key}" for key in table.key)
        is_missing = f" WHERE NOT EXISTS (SELECT FROM {table.rows} t WHERE {same_key})"
        return (
            f"INSERT INTO {table.sql} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} "
            f"FROM {self._copies[table.name]} c{'' if self._is_filled_anew(table) else is_missing}"
        )

    def _is_filled_anew(self, table: Table) -> bool:
        """Also where rows have no key by which one that is missing could be found."""
        is_small = self._counts[table.name] <= MAX_ROWS_IN_ORDER
        return not table.key or (is_small and self._may_skip_triggers)

    def _set_sequences(self) -> list[str]:
        settings = ", ".join(sequence.setting for sequence in self._sequences)
        return [f"SELECT {settings}"] if settings else []

    def _note_moment(self, statements: Iterable[str]) -> None:
        """Run the statements. Every transaction that writes from there on has the number `_moment`, or a later one."""
        (self._moment,) = self._run(["BEGIN", NEED_NOT_LAST, *statements, "COMMIT", MOMENT])

    def _ask(self, sql: str) -> list[tuple[Any, ...]]:
        with self._connected() as raw:
            rows: list[tuple[Any, ...]] = raw.execute(sql, prepare=False).fetchall()
            return rows

    def _run(self, statements: Iterable[str]) -> Any:
        """Several statements in one round trip. The row that the last one gives, if it gives one."""
        sql = "; ".join(statements)
        if not sql:
            return None
        with self._connected() as raw:
            results = raw.execute(sql, prepare=False)
            while results.nextset():
                pass
            return results.fetchone() if results.description else None

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection]:
        """The connection that has the copies. An error of the database leaves no transaction open on it."""
        raw = self._raw
        if raw.closed:
            raise CannotExplore(
                "The connection from which explore() was called was closed meanwhile, such as by the invariant. What "
                "stood in the tables was kept on it, so the rows cannot be set back."
            )
        try:
            yield raw
        except psycopg.Error as error:
            if raw.info.transaction_status == psycopg.pq.TransactionStatus.INERROR:
                raw.rollback()
            raise CannotExplore(f"What stood in the tables cannot be kept or set back: {error}") from error


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
