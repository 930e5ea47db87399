"""Every schedule of a few transfers and audits on a scratch bank: the bank as a scenario of interleavings/.

A person, a page or a lab asks for a *plan*; it is *prepared*; its schedules are run by interleavings/; each is
*judged*; what was found is *reported*.

    plan.py             which strategies, transfers and audits
    strategy_files.py   a strategy's file: ours, a student's, or a module by its dotted name
    scratch_bank.py     rows of its own, set back before each schedule, read after it
    sessions.py         the plan's sessions, each with its copy of a strategy
    prepared.py         all of these, ready to be run
    explore.py          every schedule, or a sample
    exploration.py      what was found so far
    jobs.py             several processes share the schedules
    part.py             what each of them does
    replay.py           one schedule, step by step
    serial.py           the sessions one after the other: what is wrong there is no race
    commit_log.py       what has been committed after each step
    believed.py         the history that explains a schedule: recorded, or inferred from the commits
    judge.py            the verdict on one schedule
    verdicts.py         a verdict in words, as a sign, and how bad it is
    tally.py            how many schedules have what
    hung.py             why sessions wait for ever
    timeline.py         a step in a few words
    session_state.py    what a session holds, has read and has written after a step
    report.py           all that is printed and kept, into JSON and back
    saved.py            explorations that run in a thread, and are kept for pages

Beside the bank: a file of races on any models (`explore races.py`).

    races.py            explores it, in a database of its own
    race_file.py        reads it: its sessions, and its setup
    other_apps.py       the apps outside this project that it uses

anomalies/ is the isolation matrix: isolation levels and locks against anomalies.
"""
