"""The admin, with a site of our own."""

from django.contrib.admin.apps import AdminConfig


class BankAdminConfig(AdminConfig):
    default_site = "bankproject.admin.BankAdminSite"
