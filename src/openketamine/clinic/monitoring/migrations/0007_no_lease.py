"""The lock of a watch's row takes the place of its lease. The columns stay, with a default, so that an earlier version can go on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0006_where_alarms_sound")]

    operations = [
        migrations.AlterField(
            model_name="watch",
            name="lease_holder",
            field=models.CharField(blank=True, max_length=60, default="", db_default=""),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField(model_name="watch", name="lease_holder"),
                migrations.RemoveField(model_name="watch", name="lease_until"),
            ]
        ),
    ]
