"""The audit reads account 1, a whole transfer happens, and the audit reads account 2."""

SCHEDULE = "a t1 t1 t1 t1 t1 a a t2 t2 t2 t2 t2"
HALF_SEEN = 1
