"""How a service lives: on the bus, in its database, under trust, and under an operator's eye."""
