"""A primary key that a person or an address gives as text."""

MAX_DIGITS = 18  # of a bigint: what has more may be one that the database refuses


def read_primary_key(text: str) -> int | None:
    """The number that the text is; None if no row can have it as its primary key."""
    is_number = text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS
    return int(text) if is_number else None
