"""What is raised when code cannot be explored. Each message is one sentence: what was found, and what to do."""


class CannotExplore(Exception):
    """These calls, or this database, cannot be explored; nothing was changed."""
