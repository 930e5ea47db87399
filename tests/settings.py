"""The bank's settings, and beside the bank the sample project whose races the explorer must find."""

from bankproject.settings import *  # noqa: F403
from bankproject.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.support.samples.apps.SamplesConfig"]
