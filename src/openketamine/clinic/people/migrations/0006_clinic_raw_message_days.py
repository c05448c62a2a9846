from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0005_clinic_phone"),
    ]

    operations = [
        migrations.AddField(
            model_name="clinic",
            name="raw_message_days",
            field=models.PositiveSmallIntegerField(
                null=True, verbose_name="days for which raw device messages are kept"
            ),
        ),
    ]
