"""Classroom labs, graded by proof: a folder for each, beside its checks. To add one, copy its nearest neighbour.

Every folder named labNN_... is a lab; nothing else has to be told about it. What is in it:

    README.md     story, task, questions, three hints, what to read next (readme.py says in which sections)
    exercise.py   what a student begins with: about 30 lines, one TODO
    solution.py   one repair that holds
    checks.py     SHOWN, TRUTHS, CHECKS: what `lab run` shows, the true answers, what a repair must hold (checks.py);
                  FOREMOST, if there is one: the problems that `lab run` shows before all others
    wrong/        typical wrong answers; each says in its first line which check refutes it, and in which words
"""
