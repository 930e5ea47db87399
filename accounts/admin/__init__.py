"""The admin: everything that happened, read-only, with links from each thing to the next; and storms to launch."""

from accounts.admin import audits, explorations, labs, records, storms

__all__ = ["audits", "explorations", "labs", "records", "storms"]
