from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("infusion", "0005_incident"),
    ]

    operations = [
        migrations.AddField(
            model_name="infusionevent",
            name="sedates",
            field=models.CharField(
                blank=True, choices=[("yes", "yes"), ("no", "no")], default="", max_length=3, verbose_name="sedates"
            ),
        ),
    ]
