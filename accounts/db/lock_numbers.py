"""The numbers of our own advisory locks. Any numbers will do, if all of our processes use the same.

An advisory lock is named by one number of 64 bits or by two of 32 bits, and the two kinds never meet. The strategy
`advisory_lock` uses one number, the bank's primary key. So our own locks have two: the first says what for.
(PostgreSQL documentation: 13.3.5 Advisory Locks.)
"""

MIGRATION = (44_500, 0)  # held while the tables are brought up to date
AT_WORK = 44_501  # held while a worker works on a storm; the second number is the storm's
PLANNING = 44_503  # held while a storm's plan is written; the second number is the storm's
SCRATCH_DATABASES = (44_502, 0)  # held while a scratch database is made, or one that was left is dropped
MATRIX = (44_504, 0)  # held while a run of the isolation matrix is begun
HAND_INS = (44_505, 0)  # held by the one program that checks what students hand in on the labs' pages
LAB_RUNS = (44_506, 0)  # held by the one thread that runs the labs' exercises for their pages
