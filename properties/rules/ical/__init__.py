"""What other sites write as iCalendar (RFC 5545), as nights at one home. Pure: bytes in, nights or a named problem out.

`text` makes one form of what every site writes a little differently, `zones` decides where a time is, `events` reads
one VEVENT, `occurrences` unrolls what repeats, `nights` says which nights that takes. Only these five need the libraries;
a server process, which has files understood elsewhere, loads none of them.
"""
