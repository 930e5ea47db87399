"""A connection of explore()'s own, on which what is done again for each schedule is prepared."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection

from interleavings.engine.server_settings import STATUS, Connection, may_set
from interleavings.errors import CannotExplore

# What a COMMIT shows to others does not depend on the disk; and each statement is planned once, as to plan it takes
# longer than to do it.
SETTINGS = "SET synchronous_commit = off; SET plan_cache_mode = force_generic_plan"
NO_TRIGGERS = "SET session_replication_role = replica"

Rows = list[tuple[Any, ...]]


class OwnConnection:
    """Not Django's, nor taken from a pool. Each statement is committed, and errors are raised as CannotExplore."""

    def __init__(self) -> None:
        self._raw = _connect()
        self._names: dict[str, str] = {}  # of prepared statements
        try:
            #: whether triggers and foreign keys are off on it, for which its user needs a privilege
            self.skips_triggers = bool(may_set(self._raw, ["session_replication_role"]))
            self.do([SETTINGS, *([NO_TRIGGERS] if self.skips_triggers else [])])
        except BaseException:
            self.close()
            raise

    @property
    def is_closed(self) -> bool:
        return self._raw.closed

    def close(self) -> None:
        """End it. As long as it is open, the database cannot be dropped."""
        self._raw.close()

    def prepared(self, key: str, sql: str, moment: str = "") -> str:
        """SQL that executes the statement. It is prepared the first time that it is asked for by this key.

        `moment`: the transaction that stands for `$1` in it.
        """
        if key not in self._names:
            name = f"interleavings_{len(self._names)}"
            self.do([f"PREPARE {name} {'(xid)' if moment else ''} AS {sql}"])
            self._names[key] = name
        return f"EXECUTE {self._names[key]}" + (f"('{moment}')" if moment else "")

    def do(self, statements: Iterable[str]) -> list[Rows]:
        """Several statements in one round trip. The rows that each of them gives."""
        sql = "; ".join(statements)
        if not sql:
            return []
        with self._usable() as raw:
            results = raw.execute(sql, prepare=False)
            answers = []
            while True:
                answers.append(results.fetchall() if results.description else [])
                if not results.nextset():
                    return answers

    @contextmanager
    def _usable(self) -> Iterator[Connection]:
        """The connection itself. Nothing that goes wrong leaves a transaction open on it."""
        raw = self._raw
        if raw.closed:
            raise CannotExplore(
                "The connection on which explore() keeps what stood in the tables was closed meanwhile, so the rows "
                "cannot be set back."
            )
        try:
            yield raw
        except BaseException as error:  # also Ctrl-C
            if raw.info.transaction_status in (STATUS.INTRANS, STATUS.INERROR):
                raw.rollback()
            if isinstance(error, psycopg.Error):
                raise CannotExplore(f"What stood in the tables cannot be kept or set back: {error}") from error
            raise


def _connect() -> Connection:
    wrapper = connection.copy()
    wrapper.settings_dict["OPTIONS"].pop("pool", None)
    wrapper.settings_dict["AUTOCOMMIT"] = True
    wrapper.ensure_connection()
    raw: Connection = wrapper.connection
    return raw
