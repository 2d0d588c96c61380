"""Turns iCalendar files of other sites (RFC 5545) into nights at one home. Pure: bytes in, nights or a named problem out.

`text` brings files, which every site writes a little differently, into one form, `zones` decides the zone of a time, `events` reads
one VEVENT, `occurrences` unrolls what repeats, `nights` says which nights that takes. Only these five need the libraries;
a server process, which has files parsed elsewhere, loads none of them.
"""
