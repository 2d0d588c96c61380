"""Search has the nights that are taken beside the rest of a home, so that it need not ask the calendar of homes that
certainly aren't free.

Kept by triggers: five places on two floors write to the calendar, each in its own way, and none can forget it. They all
hold the property's lock. Holds are left out, since they end by themselves, and so is what is over: the nights here are
always among those of the calendar, which has the last word.
"""

from django.db import migrations, models

import properties.models.search

# One home after the other, in the order of their numbers, which is that of their locks. A plan made while the tables were
# small must not read all of them later: hence no sequential scan.
FUNCTIONS = """
CREATE FUNCTION properties_calendar_changed() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off
AS $$
DECLARE
  home bigint;
  fresh datemultirange;
BEGIN
  FOR home IN SELECT DISTINCT property_id FROM changed ORDER BY 1 LOOP
    SELECT coalesce(range_agg(nights), '{}') INTO fresh FROM properties_calendarentry
     WHERE property_id = home AND kind <> 'hold' AND upper(nights) >= current_date - 2;
    UPDATE properties_searchentry SET taken = fresh WHERE property_id = home AND taken <> fresh;
  END LOOP;
  RETURN NULL;
END $$;

CREATE FUNCTION properties_search_entered() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off
AS $$
BEGIN
  SELECT coalesce(range_agg(nights), '{}') INTO NEW.taken FROM properties_calendarentry
   WHERE property_id = NEW.property_id AND kind <> 'hold' AND upper(nights) >= current_date - 2;
  RETURN NEW;
END $$;
"""
TRIGGERS = """
CREATE TRIGGER properties_taken_insert AFTER INSERT ON properties_calendarentry
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION properties_calendar_changed();
CREATE TRIGGER properties_taken_update AFTER UPDATE ON properties_calendarentry
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION properties_calendar_changed();
CREATE TRIGGER properties_taken_delete AFTER DELETE ON properties_calendarentry
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION properties_calendar_changed();
CREATE TRIGGER properties_taken_fill BEFORE INSERT ON properties_searchentry
  FOR EACH ROW EXECUTE FUNCTION properties_search_entered();
"""
# A row's next version finds room beside it, and no index is written for its nights.
FILL = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE properties_searchentry SET (fillfactor = 85);
UPDATE properties_searchentry s SET taken = now.taken
  FROM (SELECT property_id AS home, range_agg(nights) AS taken FROM properties_calendarentry
         WHERE kind <> 'hold' AND upper(nights) >= current_date - 2 GROUP BY 1) now
 WHERE s.property_id = now.home;
"""
BACK = """
DROP TRIGGER properties_taken_fill ON properties_searchentry;
DROP TRIGGER properties_taken_delete ON properties_calendarentry;
DROP TRIGGER properties_taken_update ON properties_calendarentry;
DROP TRIGGER properties_taken_insert ON properties_calendarentry;
DROP FUNCTION properties_search_entered();
DROP FUNCTION properties_calendar_changed();
ALTER TABLE properties_searchentry RESET (fillfactor);
"""


class Migration(migrations.Migration):
    dependencies = [("properties", "0003_rooms_share_a_pin")]

    operations = [
        migrations.AddField(
            model_name="searchentry",
            name="taken",
            field=properties.models.search.NightsField(db_default=models.Value("{}"), editable=False),
        ),
        migrations.RunSQL(FUNCTIONS + TRIGGERS + FILL, BACK),
    ]
