"""The admin, with a site of our own."""

from django.contrib.admin.apps import SimpleAdminConfig


class BankAdminConfig(SimpleAdminConfig):
    """Loads no pages when Django starts, as AdminConfig would: urls.py does. Commands and workers start faster."""

    default_site = "bankproject.admin.BankAdminSite"
