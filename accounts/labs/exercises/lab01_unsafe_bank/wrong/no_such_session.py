"""complete refutes it: "there is no session"

Sessions that there are not.
"""

SCHEDULE = "audit transfer audit"
HALF_SEEN = 1
