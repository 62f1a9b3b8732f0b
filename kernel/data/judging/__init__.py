"""Judging what was uploaded before anybody may open it, in a process of its own (`asking.py`, `child.py`)."""
