"""A typed value of a scale can be taken back; the view of every reading leaves it out from then on."""

import django.db.models.deletion
from django.db import migrations, models

from openketamine.clinic.monitoring import every_reading


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0008_the_clinic_s_own_limits"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReadingTakenBack",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("signal", models.CharField(max_length=30, verbose_name="signal")),
                ("value", models.FloatField(null=True, verbose_name="value")),
                ("observed_at", models.DateTimeField(verbose_name="observed at")),
                ("at", models.DateTimeField(verbose_name="taken back at")),
                ("by", models.CharField(max_length=100, verbose_name="by")),
                (
                    "reading",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taken_back",
                        to="monitoring.storedreading",
                    ),
                ),
                (
                    "watch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="readings_taken_back",
                        to="monitoring.watch",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.RunPython(every_reading.create_with_undo, every_reading.create),
    ]
