"""Reads calendars of other sites outside of requests. Fetching is bounded in address, time and size, and a process of its
own, which may be killed, parses what comes.

The clock runs `lane`: it claims what is due, fetches it (`fetching`), has it parsed (`interpreter`), and stores the result
through `services.calendar_readings`.
"""
