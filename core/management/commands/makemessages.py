"""`makemessages`, which also finds the words of the pages' scripts: `say("…")` and `count("…", "…", n)` of core/i18n.js."""

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=say", "--keyword=count:1,2"]
