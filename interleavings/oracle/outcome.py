"""How a schedule ended: which rows it changed, and what each call returned or raised; comparable with other endings."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from interleavings.database.sequences import is_generated_key, keys_in_text, sequence_of, with_renamed_keys
from interleavings.database.snapshot import Row
from interleavings.oracle.values import Values

Column = tuple[str, str]  # a table and its column; or a call and a path into what it returned
Rename = Callable[[int], Any]
Fact = tuple[int, str, tuple[Any, ...]]  # its sign (-1: a row that was removed), its table or call, and its values


@dataclass(frozen=True)
class Outcome:
    """How the calls ended."""

    removed: Mapping[str, list[Row]]  #: by table: rows that stood there before, and do not stand there as they were
    added: Mapping[str, list[Row]]  #: by table: rows that stand there now, and did not before
    results: Mapping[str, Values]  #: by call: what it returned or raised
    refused: Mapping[str, str] = field(default_factory=dict)  #: by call: the SQLSTATE with which it was refused

    def canonical(self, ignored: frozenset[Column] = frozenset()) -> frozenset[tuple[Any, int]]:
        """A value that is equal for outcomes that differ only in ignored columns and in names of generated keys.

        1. Facts: each row that was removed or added, and each value that a call returned or raised.
        2. A generated key is named by all facts that it turns up in, not by its number: colour refinement, begun with
           one colour for all, until the number of colours stays (Weisfeiler and Leman, 1968). Rows that refer to each
           other so regularly that this cannot tell them apart count as equal.
        3. What is the same before and after cancels out.
        """
        facts = list(self._facts(ignored))
        colours = _colours(facts)
        counts: Counter[Any] = Counter()
        for sign, kind, values in facts:
            counts[kind, _renamed(values, colours.__getitem__)] += sign
        return frozenset((fact, count) for fact, count in counts.items() if count)

    def _facts(self, ignored: frozenset[Column]) -> Iterable[Fact]:
        for sign, tables in ((-1, self.removed), (1, self.added)):
            for table, rows in tables.items():
                for row in rows:
                    kept = ((name, _frozen(value)) for name, value in row.items() if (table, name) not in ignored)
                    yield sign, table, tuple(kept)
        for call, values in self.results.items():
            for path, value in values.items():
                if (call, path) not in ignored:
                    yield 1, f"call {call}", ((path, _frozen(value)),)


def difference(before: Iterable[Row], after: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """The rows of a table that were removed, and those that were added; one that was changed is in both."""
    old, new = [(_hashable(row), row) for row in before], [(_hashable(row), row) for row in after]
    rows = dict([*old, *new])
    counts, others = (Counter(key for key, _row in side) for side in (old, new))
    return [rows[key] for key in (counts - others).elements()], [rows[key] for key in (others - counts).elements()]


def _hashable(row: Row) -> tuple[tuple[str, Any], ...]:
    return tuple((name, _frozen(value)) for name, value in row.items())


def _frozen(value: Any) -> Any:
    """Lists and objects of JSON as values that can be compared and counted."""
    if isinstance(value, dict):
        return "object", tuple(sorted((key, _frozen(part)) for key, part in value.items()))
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(part) for part in value)
    return value


def _colours(facts: list[Fact]) -> dict[int, Any]:
    """For each generated key in the facts a colour, equal for keys that turn up in the same places."""
    places: defaultdict[int, list[Fact]] = defaultdict(list)
    for fact in facts:
        for key in set(_keys_in(fact[2])):
            places[key].append(fact)
    colours: dict[int, Any] = {key: sequence_of(key) for key in places}
    while True:
        finer = {key: _colour(key, places[key], colours) for key in places}
        if len(set(finer.values())) == len(set(colours.values())):
            return finer
        colours = finer


def _colour(key: int, facts: list[Fact], colours: Mapping[int, Any]) -> int:
    """The next colour of a key: its present one, and the facts that it turns up in, by the colours of their keys."""

    def name(other: int) -> Any:
        return ("this", colours[other]) if other == key else colours[other]

    places = (hash((sign, kind, _renamed(values, name))) for sign, kind, values in facts)
    return hash((colours[key], tuple(sorted(places))))


def _keys_in(value: Any) -> Iterable[int]:
    if isinstance(value, (tuple, frozenset)):
        for part in value:
            yield from _keys_in(part)
    elif type(value) is int and is_generated_key(value):
        yield value
    elif isinstance(value, str):
        yield from keys_in_text(value)


def _renamed(value: Any, rename: Rename) -> Any:
    if isinstance(value, tuple):
        return tuple(_renamed(part, rename) for part in value)
    if isinstance(value, frozenset):  # of keys that get the same name, it matters how many there are
        return frozenset(Counter(_renamed(part, rename) for part in value).items())
    if type(value) is int and is_generated_key(value):
        return "key", rename(value)
    if isinstance(value, str):
        return with_renamed_keys(value, lambda key: f"<key {rename(key)}>")
    return value
