"""end_is_right refutes it: "ends with"

Torn, but the two transfers read the same balances, and one of them is lost.
"""

SCHEDULE = "t1 t1 t2 t2 a t1 t1 t1 a a t2 t2 t2"
HALF_SEEN = 1
