"""The name of an anomaly, where it can be told from what the calls read and wrote.

The names are those of the field: Berenson, Bernstein, Gray, Melton, O'Neil, O'Neil, "A Critique of ANSI SQL Isolation
Levels" (1995), and Adya, "Weak Consistency" (1999).
"""
