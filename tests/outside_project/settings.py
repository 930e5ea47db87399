"""A project of its own: of this repository, it has the wheel of interleavings and nothing else.

.ci/run copies this folder out of the repository and runs its tests there.
"""

SECRET_KEY = "only for tests"
INSTALLED_APPS = ["concerts"]
DATABASES = {"default": {"ENGINE": "interleavings.postgres"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
