"""Refusals. Each is one sentence: what was asked, what was found, what to do."""


class BankError(Exception):
    """Something was refused before anything was done; the message is for the person who asked."""
