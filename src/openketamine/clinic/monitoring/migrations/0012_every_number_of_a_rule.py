"""A clinic sets every number of an alarm rule, and its signature keeps old and new."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0011_intervals_of_a_watch")]

    operations = [
        migrations.AddField(
            model_name="cliniclimits",
            name="settings",
            field=models.JSONField(default=dict, verbose_name="numbers set otherwise than they ship"),
        ),
        migrations.AddField(
            model_name="cliniclimits",
            name="changes",
            field=models.JSONField(default=list, verbose_name="what changed, old and new"),
        ),
    ]
