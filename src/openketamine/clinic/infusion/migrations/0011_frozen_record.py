from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("infusion", "0010_put_right"),
    ]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="record",
            field=models.JSONField(null=True, verbose_name="the record as it stood"),
        ),
    ]
