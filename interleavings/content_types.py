"""Django's cache of content types, filled before an exploration: else the first schedule would fill it, and differ."""

from django.apps import apps
from django.db import connection


def fill_content_type_cache() -> None:
    """Remember the content types that stand in the database, as a process does that has run for a while."""
    if not apps.is_installed("django.contrib.contenttypes"):
        return
    from django.contrib.contenttypes.models import ContentType  # needs the app to be installed

    if ContentType._meta.db_table not in connection.introspection.table_names():
        return
    there = set(ContentType.objects.values_list("app_label", "model"))
    models = (model for model in apps.get_models() if (model._meta.app_label, model._meta.model_name) in there)
    ContentType.objects.get_for_models(*models, for_concrete_models=False)
