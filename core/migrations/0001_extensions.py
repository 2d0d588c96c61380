from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    """PostgreSQL's own extensions, before any table that needs one."""

    initial = True
    dependencies: list[tuple[str, str]] = []
    run_before = [("accounts", "0001_initial")]
    operations = [BtreeGistExtension(), TrigramExtension()]
