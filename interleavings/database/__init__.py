"""The database of an exploration: whether it may be changed, what stood in it, and setting that back."""
