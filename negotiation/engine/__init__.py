"""One move, from its fields to its rows. The six steps, and where each is written:

1. **Read** (`parsing.py`; `negotiation/moves.py`): both doors turn fields into the same frozen `Move`.
2. **Batch** (`live/batcher.py`, outside): moves that arrive while others are being decided share a transaction.
3. **Lock and load** (`load_negotiations.py`; `load_under_property_lock.py` for what takes nights): one trip gives a
   `Lookup` for each move (`loaded.py`) and a `NegotiationRecord` for each negotiation concerned (`negotiation/records.py`).
4. **Decide** (`decide.py`, `decide_opening.py`, `decide_agreement.py`): the rules judge each move in turn on a
   `UnitOfWork` (`unit_of_work.py`). Deciders answer a frozen `Answer` (`outcomes.py`); what is to be written gathers in a
   `Draft` (`draft.py`).
5. **Book and write** (`book_agreements.py`, `write.py`): the floor below writes the agreed stays, then one trip
   writes the draft. Statements are in `sql.py` and `write_sql.py`, their lists of
   columns are made from `negotiation/columns.py`.
6. **Commit, then publish** (`executor.py`, which runs steps 3 to 6 and tries again what a lock or a constraint refused).
"""
