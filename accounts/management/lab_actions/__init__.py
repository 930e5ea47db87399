"""The actions of `manage.py lab`, a module for each. To add one, copy its nearest neighbour, and name it in lab.py.

Each module has the same parts:

    HELP      what it does, for the help text
    EXAMPLE   how it is called
    add_arguments(parser)       its own options; those of all actions are added by the command
    run(context, **options)     does it; what it raises is a BankError, or SystemExit with a status that its help names

grade.py has no student, and so another `run`.
"""
