"""The part of SQL that is understood: its words, in one spelling, and the expressions that are made of them.

1. `spell()` turns a statement into words with one space after each: keywords in capitals, all names quoted. A comment,
   a second statement, a string with anything but letters in it, a cast, an escaped name, an operator that is not of
   arithmetic or comparison: none of these is a word here, so a statement that has one is not understood.
2. EXPRESSION matches columns, values, arithmetic and comparisons in that spelling. No name in it is followed by a
   bracket, so none is a function's; and there is no SELECT in it. So it reads nothing but the columns that it names.
"""

import re
from collections.abc import Iterator

_KEYWORDS = """
SELECT FROM WHERE AND OR NOT IS NULL IN BETWEEN AS ORDER BY ASC DESC LIMIT OFFSET FOR UPDATE NO KEY SHARE OF NOWAIT
SKIP LOCKED SET DELETE CASE WHEN THEN ELSE END TRUE FALSE DISTINCT GROUP INNER LEFT OUTER JOIN ON
INSERT INTO VALUES RETURNING SUM COUNT MIN MAX AVG COALESCE
"""
KEYWORDS = frozenset(_KEYWORDS.split())
_WORD = re.compile(
    r"""
    (?P<quoted>"[a-z_][a-z0-9_]*"(?!"))
    | (?P<bare>[A-Za-z_][A-Za-z0-9_]*)(?!['"\w])      # not E'...', nor U&"..."
    | (?P<value>%s(?!\w) | [0-9]+(?!\w) | '[A-Za-z0-9_ ]*'(?!'))
    | (?P<sign><= | >= | <> | != | -(?!-) | /(?!\*) | [+*=<>(),.])
    """,
    re.VERBOSE | re.ASCII,
)
_SPACE = re.compile(r"[ \t\n\r\f]*")
_QUALIFIED = re.compile(r'("\w+") \. (?=")')

NAME = re.compile(r'"(\w+)"')
ALIAS = re.compile(r'AS "(\w+)"')
VALUE = r"(?:%s|\d+|'[^']*')"
COMPARISON = r"(?:=|<|>|<=|>=|<>|!=)"
EXPRESSION = (
    rf"(?:(?:\"\w+\"(?! \()|{VALUE}|{COMPARISON}|[-+*/(),]|AND|OR|NOT|IS|NULL|IN|BETWEEN|AS|CASE|WHEN|THEN|ELSE|END"
    r"|TRUE|FALSE|SUM|COUNT|MIN|MAX|AVG|COALESCE) )+"
)


def spell(sql: str) -> str | None:
    """The statement in the one spelling; None if it has a word that is not understood.

    What PostgreSQL takes for the same comes out the same: Id and "id", a line break and a space.
    """
    words = list(_words(sql))
    understood = [word for word in words if word is not None]
    return "".join(f"{word} " for word in understood) if len(understood) == len(words) else None


def _words(sql: str) -> Iterator[str | None]:
    """Word for word; None for what is no word, and then no more."""
    position, end = 0, len(sql.rstrip(" \t\n\r\f"))
    while position < end:
        space = _SPACE.match(sql, position)
        match = _WORD.match(sql, space.end() if space else position)
        if match is None:
            yield None
            return
        yield _spell_bare(match["bare"]) if match["bare"] else match[0]
        position = match.end()


def _spell_bare(word: str) -> str:
    return word.upper() if word.upper() in KEYWORDS else f'"{word.lower()}"'


def unqualify(spelt: str, table: str) -> str:
    """The statement without the table's name before its columns."""
    return _QUALIFIED.sub(lambda match: "" if match[1] == f'"{table}"' else match[0], spelt)


def has_only_columns(columns: frozenset[str], *texts: str | None) -> bool:
    """Whether all names in these parts are columns: no system column, and no function without brackets."""
    return all(columns.issuperset(NAME.findall(ALIAS.sub("", text or ""))) for text in texts)


def assigned_columns(assignments: str) -> set[str] | None:
    """The columns that a SET assigns to, as in "a" = 1 , "b" = "b" + 1; None if it assigns in another form too."""
    columns: set[str] = set()
    depth, is_start = 0, True
    words = assignments.split()
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if is_start:
            if not word.startswith('"') or following != "=":
                return None
            columns.add(word.strip('"'))
        depth += (word == "(") - (word == ")")
        is_start = word == "," and depth == 0
    return columns


def parameters_in(spelt: str, start: int, part: str) -> tuple[int, int]:
    """Which parameters stand in a part of the statement, which begins at `start`: the place of the first, how many."""
    return spelt.count("%s", 0, start), part.count("%s")
