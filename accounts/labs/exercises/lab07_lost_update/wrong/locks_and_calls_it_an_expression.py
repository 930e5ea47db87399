"""with_expression_is_one refutes it: "It is to let UPDATE compute the new balance"

Right, but it is the first way once more.
"""

from accounts.labs.exercises.lab07_lost_update.solution import with_lock, with_token

__all__ = ["with_expression", "with_lock", "with_token"]

with_expression = with_lock
