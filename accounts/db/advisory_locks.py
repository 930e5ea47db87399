"""Who holds an advisory lock that is named by two numbers. (PostgreSQL documentation: 53.13 pg_locks.)"""

from accounts.db.sql import ask

COUNT = """
SELECT count(DISTINCT pid) FROM pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid::bigint = %s AND objid::bigint = %s
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def count_holders(first: int, second: int) -> int:
    """How many connections to this database hold the lock of these numbers now; those that wait for it do not count."""
    count: int = ask(COUNT, first, second)
    return count
