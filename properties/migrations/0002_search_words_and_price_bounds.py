from decimal import Decimal

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Least

FILL = """
SET CONSTRAINTS ALL IMMEDIATE;
UPDATE properties_searchentry s
   SET words = ARRAY(SELECT DISTINCT word FROM unnest(string_to_array(s.text, ' ')) AS word WHERE word <> '' ORDER BY word),
       least_price = least(s.price, r.least), most_price = greatest(s.price, r.most)
  FROM properties_searchentry t
  LEFT JOIN (SELECT property_id, min(price) AS least, max(price) AS most FROM properties_pricerule GROUP BY 1) r
    ON r.property_id = t.property_id
 WHERE t.property_id = s.property_id;
INSERT INTO properties_searchword (word) SELECT DISTINCT unnest(words) FROM properties_searchentry;
"""
BACK = "SET CONSTRAINTS ALL IMMEDIATE; UPDATE properties_searchentry SET text = array_to_string(words, ' ')"


class Migration(migrations.Migration):
    dependencies = [("properties", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SearchWord",
            fields=[("word", models.TextField(primary_key=True, serialize=False))],
        ),
        migrations.AddField(
            model_name="searchentry",
            name="words",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(),
                default=list,
                help_text="Of title, area and place, in lower case without accents.",
                size=None,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="searchentry",
            name="least_price",
            field=models.DecimalField(decimal_places=2, default=0, max_digits=12),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="searchentry",
            name="most_price",
            field=models.DecimalField(decimal_places=2, default=0, max_digits=12),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="searchentry",
            name="rank",
            field=models.GeneratedField(
                db_persist=True,
                expression=Coalesce(F("rating"), Value(Decimal(0))) * 1_000_000 + Least(F("rating_count"), 999_999),
                output_field=models.DecimalField(decimal_places=2, max_digits=12),
            ),
        ),
        migrations.RunSQL(FILL, BACK),
        # Going back, the column starts empty.
        migrations.AlterField(model_name="searchentry", name="text", field=models.TextField(blank=True)),
        migrations.RemoveIndex(model_name="searchentry", name="search_text"),
        migrations.RemoveField(model_name="searchentry", name="text"),
        migrations.AddIndex(
            model_name="searchentry",
            index=django.contrib.postgres.indexes.GinIndex(fields=["words"], name="search_words", fastupdate=False),
        ),
        migrations.AddIndex(
            model_name="searchentry", index=models.Index(fields=["-rank", "-property"], name="search_rank")
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=models.Index(fields=["currency", "least_price"], name="search_least_price"),
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=models.Index(fields=["currency", "most_price"], name="search_most_price"),
        ),
        migrations.AddIndex(
            model_name="searchword",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(models.F("word"), "gin_trgm_ops"), name="search_word_trigrams", fastupdate=False
            ),
        ),
    ]
