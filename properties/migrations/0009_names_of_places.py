"""Homes that are listed already are found by every name of the places they lie in, too."""

from django.db import migrations

from properties.rules.gazetteer import is_in_the_country, place_words

BATCH = 1000


def add_names(apps, schema_editor):
    entries = apps.get_model("properties", "SearchEntry").objects.using(schema_editor.connection.alias)
    words = apps.get_model("properties", "SearchWord").objects.using(schema_editor.connection.alias)
    seen = set()
    last = 0
    while batch := list(entries.filter(pk__gt=last).select_related("property__location").order_by("pk")[:BATCH]):
        changed = [entry for entry in batch if _add(entry)]
        entries.bulk_update(changed, ["words"])
        fresh = {word for entry in changed for word in entry.words} - seen
        words.bulk_create([words.model(word=word) for word in sorted(fresh)], ignore_conflicts=True)
        seen |= fresh
        last = batch[-1].pk


def _add(entry):
    place = entry.property.location
    if not is_in_the_country(float(place.latitude), float(place.longitude), entry.timezone):
        return False
    before = set(entry.words)
    entry.words = sorted(before | place_words(f"{place.area_details} {place.selected_location}"))
    return set(entry.words) != before


class Migration(migrations.Migration):
    dependencies = [("properties", "0008_three_offers_a_side")]
    operations = [migrations.RunPython(add_names, migrations.RunPython.noop, elidable=True)]
