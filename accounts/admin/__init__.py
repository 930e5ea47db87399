"""The admin: everything that happened, read-only, with links from each thing to the next; and storms to launch."""

from django.contrib import admin

from accounts.admin import audits, explorations, labs, records, storms

admin.site.site_header = admin.site.site_title = "Torn Totals"
admin.site.index_title = "A missed lock in our bank"

__all__ = ["audits", "explorations", "labs", "records", "storms"]
