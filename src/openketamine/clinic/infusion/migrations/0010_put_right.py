from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("infusion", "0009_moved_to"),
    ]

    operations = [
        migrations.AddField(
            model_name="infusionevent",
            name="reason",
            field=models.CharField(blank=True, default="", max_length=300, verbose_name="why it was put right"),
        ),
    ]
