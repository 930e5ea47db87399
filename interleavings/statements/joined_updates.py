"""UPDATEs whose values come from elsewhere: from rows of other tables, or from a JSON document."""

import re

from interleavings.statements.footprint import ANY
from interleavings.statements.grammar import (
    COMPARISON,
    EXPRESSION,
    NAME,
    VALUE,
    Shape,
    assigned,
    has_only_columns,
    parameters,
    update_of,
)
from interleavings.statements.tables import Table, tables

_SOURCE = r'"\w+" AS "\w+" '
_UPDATE_FROM = re.compile(
    rf'UPDATE "(?P<table>\w+)" AS "(?P<alias>\w+)" SET (?P<what>(?:{EXPRESSION}|\. )+)'
    rf"FROM (?P<sources>{_SOURCE}(?:, {_SOURCE})*)WHERE (?P<where>(?:{EXPRESSION}|\. )+)"
)
_QUALIFIER = re.compile(r'"(\w+)" \. ')
_COLUMN = r'(?:"\w+" \. )?"\w+"'
_TERM = rf"{_COLUMN} {COMPARISON} (?:{VALUE}|{_COLUMN})"
_ONLY_AND = re.compile(rf"{_TERM}(?: AND {_TERM})* ")

_TYPE = "(?:bigint|int|text|timestamptz)"
_UPDATE_FROM_JSON = re.compile(
    r"UPDATE (?P<table>\w+) SET (?P<what>\w+ = new\.\w+(?:, \w+ = new\.\w+)*) "
    rf"FROM json_to_recordset\(%s::json\) AS new \(\w+ {_TYPE}(?:, \w+ {_TYPE})*\) "
    r"WHERE (?P=table)\.(?P<key>\w+) = new\.(?P=key)"
)


def update_from_json(sql: str) -> Shape | None:
    """Many rows of one table at once, as `UPDATE ... FROM json_to_recordset(...) AS new (...)`."""
    match = _UPDATE_FROM_JSON.fullmatch(sql)
    table = tables().get(match["table"]) if match else None
    if table is None:
        return None
    return update_of(table, {pair.partition(" = ")[0] for pair in match["what"].split(", ")})


def update_from(spelt: str) -> Shape | None:
    """One table's rows, from those of others, all with names of their own: `UPDATE ... AS ... FROM ... AS ...`."""
    match = _UPDATE_FROM.fullmatch(spelt)
    if match is None or (table := tables().get(match["table"])) is None:
        return None
    named = [NAME.findall(source) for source in match["sources"].split(", ")]
    sources = [tables().get(name) for name, _alias in named]
    if None in sources or not _knows_all_names(match, table, sources, {match["alias"], *(alias for _, alias in named)}):
        return None
    first, count = _places(match, table)
    reads = frozenset((source.name, ANY) for source in sources)
    return update_of(table, assigned(match["what"]), first=first, count=count, reads=reads)


def _knows_all_names(match: re.Match, table: Table, sources: list[Table], aliases: set[str]) -> bool:
    columns = table.columns.union(*(source.columns for source in sources))
    texts = match["what"], match["where"]
    qualifiers = {alias for text in texts for alias in _QUALIFIER.findall(text)}
    return qualifiers <= aliases and has_only_columns(columns, *(_QUALIFIER.sub("", text) for text in texts))


def _places(match: re.Match, table: Table) -> tuple[int, int]:
    """Which parameter is the primary key of the row that is updated; (0, 0) if that may be any row."""
    where = match["where"]
    named = re.search(rf'(?:^|AND )"{match["alias"]}" \. "{table.key}" = %s ', where)
    if named is None or not _ONLY_AND.fullmatch(where):
        return 0, 0
    return parameters(match.string, match.start("where") + named.start(), named[0])
