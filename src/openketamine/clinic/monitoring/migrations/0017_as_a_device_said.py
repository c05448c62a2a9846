"""A value keeps its time by the clock of its device, where that is another than ours: what is sent again is known by it."""

from django.db import migrations, models

from openketamine.clinic.monitoring import every_reading


def said_at(model: str, index: str) -> list[migrations.operations.base.Operation]:
    shifted = models.Q(said_at__isnull=False)
    field = models.DateTimeField(null=True, verbose_name="observed at, by the device's clock")
    return [
        migrations.AddField(model_name=model, name="said_at", field=field),
        migrations.AddIndex(
            model_name=model, index=models.Index(fields=["device", "said_at"], name=index, condition=shifted)
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0016_asked_before")]

    operations = [
        migrations.RunPython(every_reading.drop, every_reading.create_with_moves),
        *said_at("storedreading", "reading_as_said"),
        *said_at("streamreading", "stream_as_said"),
        migrations.RunPython(every_reading.create_as_said, every_reading.drop),
    ]
