"""Classroom labs, graded by proof: a folder for each, beside its checks. To add one, copy its nearest neighbour.

Every folder named exercises/labNN_... is a lab; nothing else has to be told about it. What is in it:

    README.md     story, task, questions, three hints, what to read next
    exercise.py   what a student begins with
    solution.py   one repair that holds
    checks.py     what `lab run` shows, the true answers, and what a repair must hold
    wrong/        typical wrong answers

docs/labs.md ("To add a lab") says what stands in each, and lists the blocks that checks are made of.

What a check is made of: cases.py, audit_cases.py, large_bank.py, another_auditor.py, repeated_audits.py,
new_accounts.py and serialization_failures.py (small banks, and who does what in them); case_runner.py (runs them);
schedules.py (what may be asked of all their schedules); race_cases.py and race_schedules.py (the same for any other
app); problems.py and transfer_outcomes.py (what may be wrong in one); checks.py and storm_check.py.

How a file is judged: grading.py (in this process), examination.py (in a process apart: examiner.py,
examination_request.py, examiner_watch.py, heartbeat.py), marking.py (a class: hand_ins.py, submission_server.py),
hand_in_checker.py (what is handed in on the pages: handed_in.py, hand_in_queue.py). The outcome: verdict.py, proofs.py,
folding.py, observation.py.

What is kept of a student: records.py, questions.py, variants.py, working_files.py, board.py.
"""
