"""A person can move to another chair within a session; what was charted by then follows, and the view leaves out what belongs elsewhere."""

import django.db.models.deletion
from django.db import migrations, models

from openketamine.clinic.monitoring import every_reading


def one_of(model: str) -> models.OneToOneField:
    return models.OneToOneField(
        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="rebound", to=f"monitoring.{model}"
    )


def watch(name: str) -> models.ForeignKey:
    return models.ForeignKey(
        null=True, on_delete=django.db.models.deletion.PROTECT, related_name=name, to="monitoring.watch"
    )


def chair(name: str) -> models.ForeignKey:
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name=name, to="monitoring.chair")


KEY = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0012_every_number_of_a_rule"),
    ]

    operations = [
        migrations.AddField(
            model_name="deviceonchair",
            name="recorded_at",
            field=models.DateTimeField(null=True, verbose_name="recorded at"),
        ),
        migrations.CreateModel(
            name="ChairMove",
            fields=[
                ("id", KEY),
                ("at", models.DateTimeField(verbose_name="at")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                ("by", models.CharField(max_length=100, verbose_name="by")),
                ("chair", chair("taken_by")),
                ("left", chair("left_by")),
                (
                    "watch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="chair_moves",
                        to="monitoring.watch",
                    ),
                ),
            ],
            options={"ordering": ("pk",)},
        ),
        migrations.CreateModel(
            name="Rebound",
            fields=[
                ("id", KEY.clone()),
                ("at", models.DateTimeField(verbose_name="at")),
                ("by", models.CharField(max_length=100, verbose_name="by")),
                ("watch", watch("rows_gone")),
                ("to", watch("rows_come")),
                ("reading", one_of("storedreading")),
                ("stream", one_of("streamreading")),
                ("pump", one_of("pumpstatement")),
                ("alarm", one_of("devicealarm")),
            ],
            options={"ordering": ("pk",)},
        ),
        migrations.RunPython(every_reading.create_with_moves, every_reading.create_with_undo),
    ]
