"""The admin: all records, read-only and linked to each other; and forms that launch storms and explorations."""

from accounts.admin import audits, explorations, isolation_matrix, labs, records, scenes, storms

__all__ = ["audits", "explorations", "isolation_matrix", "labs", "records", "scenes", "storms"]
