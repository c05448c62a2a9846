import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("infusion", "0008_said_although"),
    ]

    operations = [
        migrations.AddField(
            model_name="infusion",
            name="moved_to",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="moved_from",
                to="infusion.infusion",
            ),
        ),
    ]
