from django.db import migrations, models

KINDS = [
    ("confirm_email", "Confirm Email"),
    ("password_reset", "Password Reset"),
    ("password_changed", "Password Changed"),
    ("email_changed", "Email Changed"),
]


class Migration(migrations.Migration):
    """When the last digest went, and mails to an address that is no longer the account's."""

    dependencies = [("accounts", "0002_roles")]

    operations = [
        migrations.AddField("notificationpreference", "digest_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("outgoingmail", "address", models.EmailField(blank=True, max_length=254)),
        migrations.AlterField("outgoingmail", "kind", models.CharField(choices=KINDS, max_length=20)),
    ]
