"""The sequences, set to numbers of their own, so that a generated key is known wherever it turns up.

Of two schedules that end alike, one may have given out the keys 7 and 8 the other way round. To compare them, a
generated key must be told from any other number. So before every schedule each sequence begins at a number that is
used for nothing else: a number in its range, in a row, in what a call returned or in the text of a page, is a key.
All ranges together are small, and are where neither balances nor clocks are: a number that is taken for a key without
being one is not compared.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection

from interleavings.errors import CannotExplore

FIRST_KEY = 1_083_470_000  # fits an integer column; is not round; as seconds since 1970, it is a day of May 2004
KEYS_EACH = 10_000  # so many keys may a schedule generate from one sequence
MAX_SEQUENCES = 1_000
_NUMBER = re.compile(r"(?<!\d)1\d{9}(?!\d)")

# Those of temporary tables and of extensions are not among them, nor those that the user may not set.
SEQUENCES = """
SELECT format('%I.%I', n.nspname, s.relname), q.seqmax, q.seqincrement
FROM pg_class s JOIN pg_namespace n ON n.oid = s.relnamespace JOIN pg_sequence q ON q.seqrelid = s.oid
WHERE s.relpersistence <> 't' AND CASE  -- other relations have no such privilege
    WHEN s.relkind = 'S' THEN has_sequence_privilege(s.oid, 'SELECT') AND has_sequence_privilege(s.oid, 'UPDATE')
END
AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = s.oid AND deptype = 'e')
ORDER BY 1
"""


@dataclass(frozen=True)
class Sequence:
    """A sequence: of a table's keys, or any other."""

    name: str  #: qualified and quoted
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


def all_sequences() -> list[Sequence]:
    """The sequences of the database, as they are now.

    Raises CannotExplore if an exploration that was killed has left one at its first key, so that rows may have such
    keys already.
    """
    with connection.cursor() as cursor:
        cursor.execute(SEQUENCES)
        rows = cursor.fetchall()
        if not rows:
            return []
        cursor.execute(" UNION ALL ".join(f"(SELECT last_value, is_called FROM {name})" for name, _max, _step in rows))
        states = cursor.fetchall()
    sequences = []
    for place, ((name, maximum, increment), state) in enumerate(zip(rows, states, strict=True)):
        if is_generated_key(state[0]):
            raise CannotExplore(
                f"The sequence {name} stands where an exploration that was killed has left it: make the database of "
                "the tests anew (pytest --create-db)."
            )
        first_key = FIRST_KEY + place * KEYS_EACH
        has_room = increment > 0 and first_key + KEYS_EACH <= maximum and place < MAX_SEQUENCES
        sequences.append(Sequence(name, state[0], state[1], first_key if has_room else None))
    return sequences


def is_generated_key(number: int) -> bool:
    """Whether the number was given out by a sequence while a schedule ran."""
    return FIRST_KEY <= number < FIRST_KEY + MAX_SEQUENCES * KEYS_EACH


def sequence_of(key: int) -> int:
    """Which sequence a generated key came from, by its place among them."""
    return (key - FIRST_KEY) // KEYS_EACH


def keys_in_text(text: str) -> Iterator[int]:
    """The generated keys that are written in the text."""
    return filter(is_generated_key, map(int, _NUMBER.findall(text)))


def with_renamed_keys(text: str, rename: Callable[[int], str]) -> str:
    """The text with other names for the generated keys in it."""

    def name(match: re.Match[str]) -> str:
        key = int(match[0])
        return rename(key) if is_generated_key(key) else match[0]

    return _NUMBER.sub(name, text)
