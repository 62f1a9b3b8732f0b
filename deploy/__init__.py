"""How eISO is put on machines: private servers for one machine, and the demonstration province."""
