"""What the database refused: a call that it ended with one of these has not happened, and may be begun again.

(PostgreSQL documentation: 13.5 Serialization Failure Handling; Appendix A, PostgreSQL Error Codes.)
"""

DEADLOCK, SERIALIZATION_FAILURE, LOCK_NOT_AVAILABLE = "40P01", "40001", "55P03"
REFUSALS = {
    DEADLOCK: "deadlock",
    SERIALIZATION_FAILURE: "serialization failure",
    LOCK_NOT_AVAILABLE: "lock not available",
}


def refusal(error: BaseException) -> str:
    """The SQLSTATE with which the database refused the call; "" if it raised something else."""
    chain: BaseException | None = error
    while chain is not None:
        state = str(getattr(chain, "sqlstate", ""))
        if state in REFUSALS:
            return state
        chain = chain.__cause__ or chain.__context__
    return ""
