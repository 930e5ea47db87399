"""What a statement touches, read from its text. Other packages import from here only: all else is private.

    access(sql, params)     what the statement does to which rows; None: not understood
    is_neutral(sql)         it touches no row: BEGIN, SAVEPOINT, SET
    uses_cursor(sql)        it fetches rows from a cursor, moves or closes it
    goes_back_to_savepoint(sql)  it takes back what was done since a savepoint
    leaves_nothing(sql)     it leaves nothing on its connection that outlives the transaction
    checked_at_commit(table)  the tables that its foreign keys look at when a transaction has written rows of it
    knows_of_constraint(table, columns)  whether it is known that writing these columns may meet a constraint
    Access, Thing, ANY      the words for it: a Thing is a table or a kind of lock, and which row of it, or ANY

Understood is a SELECT, an UPDATE or a row lock on one model's table, whose expressions are made of that table's
columns, values, comparisons, arithmetic and a few functions; a cursor declared for such a SELECT; an UPDATE from other
tables; pg_advisory_xact_lock. In a join, a subquery, a function, a WITH, a cast or anything else something may be
hidden that the text does not show. Of such statements nothing is said, and callers must take it that they touch
everything. So a shape that is missing here costs time, because less can be pruned; a shape that is read wrongly would
make a proof wrong.

Why no SQL library reads the text. The question is not "what does it mean?" but "is it surely nothing else?", and to
that only a list of what is allowed can answer. pglast, PostgreSQL's own grammar, is under the GPL, which this package
is not. sqlglot (MIT) was tried on the statements of the tests. It is made to translate between dialects, so it accepts
much that PostgreSQL refuses, keeps what it does not know as text, and does not say what a name is (a column, a system
column, a row, a function without brackets). The list of what is allowed would be as long over its trees as it is
here; only the forty lines that cut a text into words would go, for 86,000 lines that change every week, a third
requirement, and ten times the time for each statement. (To understand more statements, ask PostgreSQL: `pg_locks`
names the tables that one has used.)
"""

from interleavings.statements._neutral import goes_back_to_savepoint, is_neutral, leaves_nothing
from interleavings.statements._shapes import Access, access, uses_cursor
from interleavings.statements._tables import ANY, Thing, checked_at_commit, knows_of_constraint

__all__ = [
    "ANY",
    "Access",
    "Thing",
    "access",
    "checked_at_commit",
    "goes_back_to_savepoint",
    "is_neutral",
    "knows_of_constraint",
    "leaves_nothing",
    "uses_cursor",
]
