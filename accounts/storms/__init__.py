"""Storms: planned from a seed, run by workers of several processes, watched to their end, and judged."""
