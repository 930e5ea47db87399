"""torn refutes it: "The audit is not torn"

A serial order: everything is right.
"""

SCHEDULE = "t1 t1 t1 t1 t1 t2 t2 t2 t2 t2 a a a"
HALF_SEEN = 1
