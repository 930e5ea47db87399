"""Storms: planned from a seed, run by workers of several processes, watched to their end, and judged."""

# The name under which jobs that are in a queue know it.
from accounts.storms.lifecycle import run_job as run_job
