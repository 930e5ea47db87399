"""What expressions are made of, in statements that are understood: columns, values, arithmetic, comparisons.

Written for `spell()`: each word is followed by one space. No name in an expression is a function's, and no SELECT is in
it; so it reads nothing but the columns that it names.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from interleavings.statements.footprint import Thing
from interleavings.statements.tables import Table

NAME = re.compile(r'"(\w+)"')
ALIAS = re.compile(r'AS "(\w+)"')
VALUE = r"(?:%s|\d+|'[^']*')"
COMPARISON = r"(?:=|<|>|<=|>=|<>|!=)"
EXPRESSION = (
    rf"(?:(?:\"\w+\"(?! \()|{VALUE}|{COMPARISON}|[-+*/(),]|AND|OR|NOT|IS|NULL|IN|BETWEEN|AS|CASE|WHEN|THEN|ELSE|END"
    r"|TRUE|FALSE|SUM|COUNT|MIN|MAX|AVG|COALESCE) )+"
)


class Shape(NamedTuple):
    """A statement without its values: which table or kind of lock, and which of its parameters name the rows."""

    kind: str
    locks: bool
    writes: bool
    first: int = 0
    count: int = 0  # 0: any row
    beside: frozenset[Thing] = frozenset()  # what its constraints may lock, or wait for, elsewhere
    reads: frozenset[Thing] = frozenset()  # what it only reads, elsewhere


def update_of(table: Table, written: Iterable[str] | None, **details: object) -> Shape | None:
    """An UPDATE that assigns to these columns; None if one of them is the primary key, or it is not known which."""
    if written is None or table.key in written or not table.columns.issuperset(written):
        return None
    beside = frozenset() if table.keyed.isdisjoint(written) else table.beside
    return Shape(table.name, locks=True, writes=True, beside=beside, **details)


def has_only_columns(columns: frozenset[str], *texts: str | None) -> bool:
    """Whether all names are columns: no system column, and nothing that is a function without brackets."""
    return all(columns.issuperset(NAME.findall(ALIAS.sub("", text or ""))) for text in texts)


def assigned(assignments: str) -> set[str] | None:
    """The columns that a SET assigns to; None if it assigns to something else too."""
    columns, depth, is_start = set(), 0, True
    words = assignments.split()
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if is_start:
            if not word.startswith('"') or following != "=":
                return None
            columns.add(word.strip('"'))
        depth += (word == "(") - (word == ")")
        is_start = word == "," and depth == 0
    return columns


def parameters(spelt: str, at: int, within: str) -> tuple[int, int]:
    """The place and the number of the parameters that are in a part of a statement, which begins at this place."""
    return spelt.count("%s", 0, at), within.count("%s")
