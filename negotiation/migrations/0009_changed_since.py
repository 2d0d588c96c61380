"""The function by which a move that was decided from memory gives up: the negotiation is no longer as it was remembered.

It refuses the transaction as one that could not be serialized, so the move is decided again on what is read under locks.
"""

from django.db import migrations

MAKE = """
CREATE FUNCTION negotiation_changed_since() RETURNS int LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION 'the negotiation has changed since it was remembered' USING ERRCODE = 'serialization_failure';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("negotiation", "0008_offer_via")]
    operations = [migrations.RunSQL(MAKE, "DROP FUNCTION negotiation_changed_since();")]
