"""A watch keeps at which intervals vital signs are due to be read; one of before keeps those that its rules name.

The column may be empty, so that SQLite adds it to the table as it stands, with what earlier versions kept there.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0010_not_charted")]

    operations = [
        migrations.AddField(
            model_name="watch",
            name="due_every_s",
            field=models.JSONField(null=True, verbose_name="seconds between two checks of a signal"),
        ),
    ]
