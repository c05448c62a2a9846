"""A device keeps how far its clock is from ours.

The column may be empty, so that SQLite adds it to the table as it stands, with what earlier versions kept there.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0013_another_chair_from_an_instant_on")]

    operations = [migrations.AddField(model_name="device", name="clock", field=models.JSONField(null=True))]
