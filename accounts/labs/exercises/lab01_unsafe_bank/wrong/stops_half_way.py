"""complete refutes it: "Not complete. Next could come"

Some steps are missing.
"""

SCHEDULE = "a t1 t1 t1 t1 t1 a"
HALF_SEEN = 1
