"""Steps real sessions through chosen schedules on a real database. Knows nothing of banks.

A *session* is one thread with one database connection. It stops before each of its *steps*: a statement that matters,
COMMIT, ROLLBACK. A *schedule* says which session takes its next step, and when.
"""
