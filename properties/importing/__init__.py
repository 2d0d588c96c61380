"""Reading calendars of other sites, beside the requests and never in one: what is fetched is bounded in place, time and
size, and what comes is understood in a process of its own that may be killed.

`lane` is what the clock runs: it claims what is due, fetches it (`fetching`, `resolving`), has it understood
(`interpreter`), and stores what came of it through `services.calendar_readings`.
"""
