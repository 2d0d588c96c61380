from django.db import IntegrityError, migrations, transaction

from accounts.naming import lookalike_key

AT_ONCE = 1000


def fill(apps, schema_editor):
    """Older accounts keep names that look alike: the first has the key, the later ones none."""
    users = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    last = 0
    while rows := list(users.filter(pk__gt=last, username_lookalike=None).order_by("pk").values_list("pk", "username")[:AT_ONCE]):
        last = rows[-1][0]
        for pk, username in rows:
            try:
                with transaction.atomic(using=schema_editor.connection.alias):
                    users.filter(pk=pk).update(username_lookalike=lookalike_key(username))
            except IntegrityError:
                continue


class Migration(migrations.Migration):
    """User names that look like another's are refused from now on."""

    dependencies = [("accounts", "0005_people")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
