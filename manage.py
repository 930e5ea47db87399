#!/usr/bin/env python
"""Run a command: ``python manage.py compare`` shows what this project is about, ``manage.py help`` lists the rest."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bankproject.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ImportError as error:
        sys.exit(f"{error}: run `.venv/bin/pip install -r requirements.txt`, then use .venv/bin/python.")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Error: {error}")
    except KeyboardInterrupt:  # before a command had begun, which would have said more
        sys.exit(130)


if __name__ == "__main__":
    main()
