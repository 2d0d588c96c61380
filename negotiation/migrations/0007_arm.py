from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The arm of a trial of rules in which a negotiation was opened."""

    atomic = False
    dependencies = [("negotiation", "0006_entries_by_number")]
    operations = [
        migrations.AddField(
            model_name="negotiation",
            name="arm",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Of the trial of rules in which it was opened.",
                max_length=16,
            ),
        ),
        AddIndexConcurrently(
            model_name="negotiation",
            index=models.Index(
                fields=["arm", "created_at"],
                name="negotiation_trial",
                condition=models.Q(("arm", ""), _negated=True),
            ),
        ),
    ]
