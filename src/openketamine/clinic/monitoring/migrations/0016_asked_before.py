import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0015_entered_later")]

    operations = [
        migrations.CreateModel(
            name="AskedBefore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("required", models.JSONField(default=list, verbose_name="required signals")),
                ("baseline", models.JSONField(default=dict, verbose_name="values before the start")),
                ("due_every_s", models.JSONField(null=True, verbose_name="seconds between two checks of a signal")),
                ("at", models.DateTimeField(verbose_name="until")),
                (
                    "watch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="asked_before",
                        to="monitoring.watch",
                    ),
                ),
            ],
            options={"ordering": ("pk",)},
        ),
    ]
