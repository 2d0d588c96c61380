from django.db import migrations

# Numbers that Django's own apps keep in 32 bits, and the columns that name them: (table, column).
WIDE = (
    ("django_admin_log", "id"),
    ("django_content_type", "id"),
    ("auth_permission", "id"),
    ("auth_group", "id"),
    ("auth_group_permissions", "id"),
    ("django_admin_log", "content_type_id"),
    ("auth_permission", "content_type_id"),
    ("auth_group_permissions", "group_id"),
    ("auth_group_permissions", "permission_id"),
    ("accounts_user_groups", "group_id"),
    ("accounts_user_user_permissions", "permission_id"),
)
WIDEN = [f"ALTER TABLE {table} ALTER COLUMN {column} TYPE bigint" for table, column in WIDE]


class Migration(migrations.Migration):
    """No number that can grow is kept in 32 bits; an identity's sequence grows with its column."""

    dependencies = [
        ("accounts", "0006_lookalikes"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunSQL(WIDEN, migrations.RunSQL.noop)]
