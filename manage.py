#!/usr/bin/env python
"""The command line of every Django project."""

import gc
import os
import sys


def main() -> None:
    # Nearly all that is made while loading stays: looking for garbage as often as usual takes a tenth of a command's time.
    gc.set_threshold(3000, 10, 10)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings")
    if sys.argv[1:2] not in (["runserver"], ["tick"]):
        # Migrations and bulk work may take as long as they need; requests may not.
        os.environ.setdefault("STATEMENT_TIMEOUT_MS", "0")
    from django.core.management import execute_from_command_line

    from core.environment import told_in_one_line

    with told_in_one_line(sys.argv[0]):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
