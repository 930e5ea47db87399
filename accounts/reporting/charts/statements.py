"""SQL made short by its meaning: what is read and under which lock stays, lists of columns and values go."""

import re

# Applied in turn, from what matters least, until the statement is short enough.
CUTS = (
    (re.compile(r"^(SELECT|SELECT DISTINCT) [^()]*?,.*?(?= FROM )"), r"\1 ..."),
    (re.compile(r"^(INSERT INTO \S+) .*"), r"\1 ..."),
    (re.compile(r" ORDER BY .*?(?= FOR | LIMIT |$)"), ""),
    (re.compile(r" SET .*?(?= WHERE |$)"), " SET ..."),
    (re.compile(r" WHERE .*?(?= FOR | RETURNING |$)"), " WHERE ..."),
    (re.compile(r" FROM \S+ WHERE \.\.\."), ""),
    (re.compile(r" WHERE \.\.\."), ""),
)


def shorten(sql: str, most: int) -> str:
    """One line of at most `most` characters and " ...": "SELECT ... FOR UPDATE". No word is cut in its middle."""
    short = " ".join(sql.replace('"', "").split())
    for pattern, instead in CUTS:
        if len(short) <= most:
            return short
        short = pattern.sub(instead, short)
    return short if len(short) <= most else f"{short[: most + 1].rpartition(' ')[0] or short[:most]} ..."
