"""locks_nothing refutes it: "'exists' locks"

It locks one row, because of its LIMIT 1: somebody will wait for it.
"""

from accounts.labs.exercises.lab09_lock_impostors.solution import audit, transfer

__all__ = ["LOCKS_NOTHING", "audit", "transfer"]

LOCKS_NOTHING = {"queryset", "aggregate", "count", "exists"}
