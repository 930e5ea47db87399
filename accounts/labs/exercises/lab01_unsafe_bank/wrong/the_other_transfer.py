"""names_the_transfer refutes it: "is seen on both or on neither"

The schedule is right, and the wrong transfer is blamed.
"""

SCHEDULE = "a t1 t1 t1 t1 t1 a a t2 t2 t2 t2 t2"
HALF_SEEN = 2
