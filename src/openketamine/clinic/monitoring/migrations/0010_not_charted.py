from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0009_values_taken_back"),
    ]

    operations = [
        migrations.CreateModel(
            name="NotCharted",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
            ],
        ),
    ]
