"""The sequences of the tables, set to numbers of their own, so that a generated key is known wherever it turns up.

Of two schedules that end alike, one may have given out the keys 7 and 8 the other way round. To compare them, a
generated key must be told from any other number. So before every schedule each sequence begins at a number that is
used for nothing else: a number in its range, in a row, in what a call returned or in the text of a page, is a key.
"""

import re
from dataclasses import dataclass

from django.db import connection

FIRST_KEY = 1_000_000_000  # fits an integer column, and is no number that people use
KEYS_EACH = 100_000  # so many keys may a schedule generate from one sequence
NUMBER = re.compile(r"(?<!\d)1\d{9}(?!\d)")

OWNED_SEQUENCES = """
SELECT format('%%I.%%I', n.nspname, s.relname), t.relname, q.seqmax, q.seqincrement
FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
JOIN pg_namespace n ON n.oid = s.relnamespace JOIN pg_sequence q ON q.seqrelid = s.oid
JOIN pg_class t ON t.oid = d.refobjid
WHERE d.deptype IN ('a', 'i') AND t.relname = ANY(%s)
ORDER BY 1
"""


@dataclass(frozen=True)
class Sequence:
    """A sequence that generates a table's keys."""

    name: str  #: qualified and quoted
    table: str
    last_value: int  #: as it was found
    is_called: bool  #: whether that value was given out already
    first_key: int | None  #: where it begins in every schedule; None: its keys are too small to be told apart

    @property
    def setting(self) -> str:
        """SQL that lets it begin at the first key; as it was found, if it has none."""
        return self.original if self.first_key is None else f"setval('{self._quoted}', {self.first_key}, false)"

    @property
    def original(self) -> str:
        """SQL that sets it as it was found."""
        return f"setval('{self._quoted}', {self.last_value}, {str(self.is_called).lower()})"

    @property
    def _quoted(self) -> str:
        return self.name.replace("'", "''")


def owned_sequences(tables: list[str]) -> list[Sequence]:
    """The sequences that belong to columns of these tables, as they are now."""
    with connection.cursor() as cursor:
        cursor.execute(OWNED_SEQUENCES, [tables])
        rows = cursor.fetchall()
        sequences = []
        for place, (name, table, maximum, increment) in enumerate(rows):
            cursor.execute(f"SELECT last_value, is_called FROM {name}")
            last_value, is_called = cursor.fetchone()
            first_key = FIRST_KEY + place * KEYS_EACH
            has_room = increment > 0 and first_key + KEYS_EACH <= maximum
            sequences.append(Sequence(name, table, last_value, is_called, first_key if has_room else None))
    return sequences


def is_generated_key(number: int) -> bool:
    """Whether the number was given out by a sequence while a schedule ran."""
    return FIRST_KEY <= number < 2 * FIRST_KEY


def sequence_of(key: int) -> int:
    """Which sequence a generated key came from, by its place among them."""
    return (key - FIRST_KEY) // KEYS_EACH
