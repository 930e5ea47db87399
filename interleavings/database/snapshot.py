"""What stood in the tables when an exploration began: kept in the database, and set back before every schedule."""

import json
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

from django.db import connection

from interleavings.database.own_connection import OwnConnection, Rows
from interleavings.database.sequences import all_sequences
from interleavings.database.tables import Table, all_tables

# Up to so many rows, a table that was changed is filled anew as a whole, so that its rows stand in the order in which
# they stood: without ORDER BY, that is the order in which a statement reads and locks them. Where a page of the table
# is full, PostgreSQL may put some rows before others; then that is done again.
MAX_ROWS_IN_ORDER = 1_000
MAX_FILLINGS = 5
IS_NEW = "age(xmin) <= age($1)"
MOMENT = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::numeric % 4294967296"

Row = Mapping[str, Any]


class Snapshot(AbstractContextManager["Snapshot"]):
    """The rows of all tables, and the sequences, as they were found. Use it in a `with`: at its end they are back.

    A copy of each table is kept as a temporary table, on a connection of its own. What a schedule changed is found by
    PostgreSQL's own mark: a row version knows the transaction that wrote it (its documentation: 5.6 System Columns,
    xmin), and every transaction of a schedule comes after the one that set the tables back.

    What is asked and done again for each schedule is prepared, as to plan it takes longer than to do it.
    """

    def __enter__(self) -> "Snapshot":
        self.tables = all_tables()
        self._copies = {table.name: f"interleavings_copy_{place}" for place, table in enumerate(self.tables)}
        self._sequences = all_sequences()
        self._own = OwnConnection()
        try:
            self._keep()
        except BaseException:
            self._own.close()  # pytest keeps the error, and what it refers to, and drops the database at the end
            raise
        return self

    def _keep(self) -> None:
        self._originals: dict[str, list[Row]] = {}
        self._own.do([f"CREATE TEMP TABLE {self._copies[t.name]} AS SELECT * FROM {t.rows}" for t in self.tables])
        counts = self._own.do(f"SELECT count(*) FROM {copy}" for copy in self._copies.values())
        self._counts = {table.name: rows[0][0] for table, rows in zip(self.tables, counts, strict=True)}
        self._note_moment(self._set_sequences())

    def __exit__(self, *exception: object) -> None:
        originals = ", ".join(sequence.original for sequence in self._sequences)
        if self._own.is_closed and originals:
            with connection.cursor() as cursor:  # on another connection; the rows cannot be set back
                cursor.execute(f"SELECT {originals}")
        try:
            self._set_back(self.changed())
            self._own.do([f"SELECT {originals}"] * bool(originals))
        finally:
            self._own.close()

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
        looks = (
            f"(SELECT count(*) <> {self._counts[t.name]} OR count(*) FILTER (WHERE {IS_NEW}) > 0 FROM {t.rows})"
            for t in self.tables
        )
        [[flags]] = self._own.do([self._own.prepared("changed", f"SELECT {', '.join(looks)}", self._moment)])
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
        reads = [
            self._own.prepared(f"read {source}", f"SELECT to_json(t)::text FROM {source} t")
            for source in sources.values()
        ]
        return {
            name: [json.loads(document, parse_float=Decimal) for (document,) in rows]
            for name, rows in zip(sources, self._own.do(reads), strict=True)
        }

    def _set_back(self, tables: list[Table]) -> None:
        """Rows, their order in small tables, and sequences."""
        for _ in range(MAX_FILLINGS):
            tables = self._fill(tables)
            if not tables:
                return

    def _fill(self, tables: list[Table]) -> list[Table]:
        """In one round trip: delete what is new, in children first; insert what is missing, in parents first.

        Returns the tables, of those that were filled anew, whose rows stand in another order than they did.

        Meanwhile triggers are off, and foreign keys are. Only users with a privilege may say so for all at once. For
        others, triggers are disabled table by table; and what foreign keys do is undone: a child that was deleted with
        its parent is missing then; one that was changed is new, and deleted the second time.
        """
        if self._own.skips_triggers:
            changes = [*map(self._delete, reversed(tables)), *map(self._insert, tables)]
        else:
            follow: set[Table] = set().union(*(table.with_followers(self.tables) for table in tables))
            all_of_them = [table for table in self.tables if table in follow]
            deletes = 2 * [self._delete(table) for table in reversed(all_of_them)]
            changes = [*deletes, *map(self._insert, all_of_them)]
            watched = [table.sql for table in all_of_them if table.has_triggers]
            off, on = ([f"ALTER TABLE {sql} {word} TRIGGER USER" for sql in watched] for word in ("DISABLE", "ENABLE"))
            at_once = ["SET CONSTRAINTS ALL IMMEDIATE"] * bool(watched)  # a table with checks to come is not altered
            changes = [*off, *changes, *at_once, *on]
        filled = [table for table in tables if self._counts[table.name] > 1 and self._is_filled_anew(table)]
        answers = self._note_moment([*changes, *self._set_sequences()], then=map(self._is_in_order, filled))
        return [table for table, [(is_in_order,)] in zip(filled, answers, strict=True) if not is_in_order]

    def _delete(self, table: Table) -> str:
        name, delete = f"delete {table.name}", f"DELETE FROM {table.rows}"
        if self._is_filled_anew(table):
            return self._own.prepared(name, delete)
        return self._own.prepared(name, f"{delete} WHERE {IS_NEW}", self._moment)

    def _insert(self, table: Table) -> str:
        columns = ", ".join(table.columns)
        same_key = " AND ".join(f"t.{key} = c.{key}" for key in table.key)
        is_missing = f" WHERE NOT EXISTS (SELECT FROM {table.rows} t WHERE {same_key})"
        return self._own.prepared(
            f"insert {table.name}",
            f"INSERT INTO {table.sql} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} "
            f"FROM {self._copies[table.name]} c{'' if self._is_filled_anew(table) else is_missing}",
        )

    def _is_filled_anew(self, table: Table) -> bool:
        """Also where rows have no key by which one that is missing could be found."""
        is_small = self._counts[table.name] <= MAX_ROWS_IN_ORDER
        return not table.key or (is_small and self._own.skips_triggers)

    def _is_in_order(self, table: Table) -> str:
        rows, copies = (f"SELECT array_agg(t::text) FROM {rows} t" for rows in (table.rows, self._copies[table.name]))
        return self._own.prepared(f"order {table.name}", f"SELECT ({rows}) = ({copies})")

    def _set_sequences(self) -> list[str]:
        settings = ", ".join(sequence.setting for sequence in self._sequences)
        return [self._own.prepared("sequences", f"SELECT {settings}")] if settings else []

    def _note_moment(self, statements: Iterable[str], then: Iterable[str] = ()) -> list[Rows]:
        """Do the statements in one transaction. Every later one that writes has the number `_moment`, or a later one.

        Returns the answers to what is asked `then`, in the same round trip.
        """
        first = ["BEGIN", *statements, "COMMIT", MOMENT]
        answers = self._own.do([*first, *then])
        [[self._moment]] = answers[len(first) - 1]
        return answers[len(first) :]
