"""Steps real sessions through chosen schedules on a real database.

What happens in one run, from the outside to the inside; read the files in this order:

1. scheduler.py  `begin` starts a work in each session; `step(name)` lets one session take its next step. It returns
                 when every session stands at a gate, has ended, or waits. Read it first: the others serve it.
2. session.py    the thread of a session, what it is doing (State), and what it is told to do (Command).
3. gates.py      puts the gates on Django's connection: before each statement, COMMIT and ROLLBACK.
4. step.py       one step and its result.
5. scenario.py   what is explored, and the result of one schedule (Run).
6. search.py     all schedules by depth-first search with replay; which of them need not be run. tree.py is what it
                 remembers.

The rest serves these:

   replay.py             one given schedule, and how a schedule is written
   choices.py            which of several waiting sessions the database lets go on
   raced.py              runs again what went on at once, in an order that cannot be seen
   repeatability.py      refuses sessions that do not do the same again
   footprint.py          what a step touches; tracker.py puts it together from a session's statements
   table_locks.py        what a statement has used whose text does not say it: PostgreSQL is asked
   order.py              which steps happen before which, and which are to be tried the other way round
   equivalence.py        how many schedules a run stands for
   current.py            which session a thread belongs to
   waits.py              who waits for whom; expected_wait.py: when that is asked
   early_looks.py        sessions that look for a deadlock have looked before another one takes a step
   faults.py             what cannot be explored, in one sentence each; blocked_threads.py: what a thread is blocked in
   connection_guard.py   refuses what would go past the gates of a connection
   thread_guard.py       refuses threads and connections of a session's own
   clients.py            gives each session's test client its own errors
   server_settings.py    settings of the server for one statement
   python_locks.py       Python locks with gates; module_copies.py gives them to a module

How a wait is noticed. A session that waits for a lock of the database does not come to its next gate; neither does one
that still computes. Its thread cannot say which it is. So the scheduler gives it some time, and then asks the
database with `pg_blocking_pids(pid)`, on a connection of its own, whether it waits for one of the other sessions
(`Scheduler._settle`). A Python lock knows itself who waits for it.
"""
