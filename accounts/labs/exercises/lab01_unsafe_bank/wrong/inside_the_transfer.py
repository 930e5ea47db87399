"""torn refutes it: "The audit is not torn"

The audit in the midst of a transfer, and before its COMMIT: it sees nothing of it.
"""

SCHEDULE = "t1 t1 t1 a a a t1 t1 t2 t2 t2 t2 t2"
HALF_SEEN = 1
