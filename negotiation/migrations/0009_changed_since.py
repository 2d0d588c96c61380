"""The function by which a move that was decided from memory gives up, because the memory is outdated.

It refuses the transaction, so the move is decided again on what is read under locks. The code says whether the negotiation
itself has changed (serialization_failure), or something beside it (transaction_integrity_constraint_violation).
"""

from django.db import migrations

MAKE = """
CREATE FUNCTION negotiation_changed_since(code text) RETURNS int LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION 'what a negotiation is remembered by has changed' USING ERRCODE = code;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("negotiation", "0008_offer_via")]
    operations = [migrations.RunSQL(MAKE, "DROP FUNCTION negotiation_changed_since(text);")]
