"""The engine takes a move from its fields to its rows. These are the six steps, with the files that hold each:

1. **Read** (`parsing.py`; `negotiation/moves.py`): REST and the socket turn fields into the same frozen `Move`.
2. **Batch** (`negotiation/live/batcher.py`): moves that arrive while others are being decided share a transaction.
3. **Lock and load** (`load_negotiations.py`; `load_under_property_lock.py` for moves that take nights): one round trip
   gives a `Lookup` for each move (`loaded.py`) and a `NegotiationRecord` for each negotiation that the moves concern
   (`negotiation/records.py`). Of negotiations that this process has read, `stays.py` remembers what they are about, so moves that
   take nights need no round trip to find out what to lock.
4. **Decide** (`decide.py`, `decide_opening.py`, `decide_agreement.py`): the rules judge one move after the other on a
   `UnitOfWork` (`unit_of_work.py`). A decider returns a frozen `Answer` (`outcomes.py`). The `Draft` (`draft.py`)
   collects what is to be written.
5. **Book and write** (`book_agreements.py`, `write.py`): `bookings` makes the agreed stays bookings, and one round trip writes
   these and the draft. `sql.py`, `property_sql.py` and `write_sql.py` hold the statements;
   `negotiation/columns.py` gives them their columns.
6. **Commit, then publish** (`executor.py`, which runs steps 3 to 6, and runs a move again that a lock or a constraint
   refused).
"""
