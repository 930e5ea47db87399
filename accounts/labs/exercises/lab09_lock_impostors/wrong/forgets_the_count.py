"""locks_nothing refutes it: "Another one locks nothing"

Three of them are impostors, and one of those was not found.
"""

from accounts.labs.exercises.lab09_lock_impostors.solution import audit, transfer

__all__ = ["LOCKS_NOTHING", "audit", "transfer"]

LOCKS_NOTHING = {"queryset", "aggregate"}
