"""What monitors stream gets a table of one row a second; every reading, of either table, is read through one view.

The table of readings stays as it is, row by row; only its model has another name now.
"""

import django.db.models.deletion
from django.db import migrations, models

from openketamine.clinic.monitoring import every_reading

VALUES = (
    "heart_rate", "pulse_rate", "spo2", "respiratory_rate", "etco2", "temperature", "abp_systolic", "abp_diastolic", "abp_mean",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0004_readings_by_device"),
    ]

    operations = [
        migrations.AddField("device", "cuff", models.JSONField(null=True)),
        migrations.AddField("device", "cuff_sent_at", models.DateTimeField(null=True)),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameModel("Reading", "StoredReading"),
                migrations.AlterModelTable("storedreading", "monitoring_reading"),
                migrations.AlterField(
                    "storedreading",
                    "watch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stored_readings",
                        to="monitoring.watch",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StreamReading",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("observed_at", models.DateTimeField(verbose_name="observed at")),
                ("received_at", models.DateTimeField(verbose_name="received at")),
                ("places", models.BigIntegerField()),
                *((name, models.FloatField(null=True)) for name in VALUES),
                (
                    "device",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="monitoring.device"
                    ),
                ),
                (
                    "watch",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stream_readings",
                        to="monitoring.watch",
                    ),
                ),
            ],
            options={
                "ordering": ("observed_at", "pk"),
                "indexes": [models.Index(fields=["watch", "observed_at"], name="stream_of_watch")],
            },
        ),
        migrations.CreateModel(
            name="Reading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "db_table": "monitoring_every_reading",
                "ordering": ("observed_at", "pk"),
                "managed": False,
            },
        ),
        migrations.RunPython(every_reading.create, every_reading.drop),
    ]
