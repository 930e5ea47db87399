"""Scenes in which a student is the scheduler: a few sessions, and a goal that one reaches by choosing their order.

goals.py        what is to be reached, and after which step of a schedule it is
catalogue.py    the scenes, in their order; to add one, add an entry
solve.py        what the explorer finds: the shortest schedule, or that no schedule reaches the goal
records.py      which scenes a student has won
board.py        the same for a class
"""
