"""Who may do what: two groups, ready to be given to users. A superuser may do everything, as always in Django.

Permissions are declared in the models (`Meta.permissions`, and Django's add, change, delete, view); pages ask for them
in `admin/guards.py`.
"""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions

TEACHER, STUDENT = "teacher", "student"

# What students may do beside looking at everything that happened. Teachers may do whatever there is in this app.
# (A lab record is added by predicting, and by unfolding hints: that is to do a lab. A scene record is added by winning
# or losing a scene, a vote by saying what a scene of the lecture will show. A file may be handed in only where the
# setting LAB_HAND_IN allows it.)
STUDENTS_MAY = {"add_savedexploration", "add_labrecord", "add_scenerecord", "add_vote", "hand_in_labrecord"}


def make_groups(sender: AppConfig, apps: Apps = installed_apps, **options: Any) -> None:
    """Make both groups, and give them what they are to have; whatever else they were given is left to them.

    To be called after each `migrate` of our app.
    """
    create_permissions(sender, verbosity=0, apps=apps)  # Django makes them too, but perhaps only after this
    permissions = list(apps.get_model("auth", "Permission").objects.filter(content_type__app_label=sender.label))
    for_students = [each for each in permissions if each.codename.startswith("view_") or each.codename in STUDENTS_MAY]
    for name, granted in ((TEACHER, permissions), (STUDENT, for_students)):
        group, _made = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        group.permissions.add(*granted)
