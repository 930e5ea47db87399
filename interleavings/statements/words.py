"""SQL as words, in one spelling; of the few kinds of words that are understood, or not at all.

A comment, a second statement, a string with anything but letters in it, a cast, an escaped name, an operator that is
not of arithmetic or comparison: none of these is a word here, and so nothing that has one is understood.
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


def spell(sql: str) -> str | None:
    """The statement with one space after each word, keywords in capitals and all names quoted; None if it has others.

    What PostgreSQL takes for the same comes out the same: Id and "id", a line break and a space.
    """
    words = list(_words(sql))
    return None if None in words else "".join(f"{word} " for word in words)


def unqualify(spelt: str, table: str) -> str:
    """Without the table's name before its columns."""
    return _QUALIFIED.sub(lambda match: "" if match[1] == f'"{table}"' else match[0], spelt)


def _words(sql: str) -> Iterator[str | None]:
    place, end = 0, len(sql.rstrip(" \t\n\r\f"))
    while place < end:
        match = _WORD.match(sql, _SPACE.match(sql, place).end())
        if match is None:
            yield None
            return
        yield _bare(match["bare"]) if match["bare"] else match[0]
        place = match.end()


def _bare(word: str) -> str:
    return word.upper() if word.upper() in KEYWORDS else f'"{word.lower()}"'
