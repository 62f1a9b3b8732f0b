"""Working time: calendars of state agencies, adding and measuring in them, and explaining deadlines.

Pure: nothing here asks what time it is, reads a database or knows a case.
"""
