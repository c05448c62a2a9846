"""A clinic may set for how many days a pregnancy test counts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("candidacy", "0004_units_validity_own_protocol"),
    ]

    operations = [
        migrations.AlterField(
            model_name="validity",
            name="kind",
            field=models.CharField(
                choices=[
                    ("consent", "consent"),
                    ("ecg", "electrocardiogram"),
                    ("laboratory", "laboratory"),
                    ("drug_screen", "urine drug screen"),
                    ("pregnancy", "pregnancy test"),
                ],
                max_length=12,
                verbose_name="of what",
            ),
        ),
    ]
