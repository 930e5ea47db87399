"""The bank's settings, and beside the bank the sample project whose races the explorer must find."""

from bankproject.settings import *  # noqa: F403
from bankproject.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.support.samples.apps.SamplesConfig"]

# A static file is looked for when it is asked for; else each test's client looks for all of them, and that takes .1 s.
WHITENOISE_AUTOREFRESH = True
