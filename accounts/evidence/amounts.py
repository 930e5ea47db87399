"""Pure: how an amount of money is written where its sign matters."""


def signed(amount: int) -> str:
    """With its sign and with commas: "+1,045", "-77". 0 has no sign."""
    return f"{amount:+,}" if amount else "0"
