"""What can go wrong with the embedded server, said in one sentence."""

from django.db.utils import OperationalError


class EmbeddedServerError(OperationalError):
    """The embedded server cannot be used; the message says why and what to do."""
