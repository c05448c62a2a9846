from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("infusion", "0007_entered_later"),
    ]

    operations = [
        migrations.AddField(
            model_name="infusionevent",
            name="although",
            field=models.JSONField(default=list, verbose_name="although"),
        ),
    ]
