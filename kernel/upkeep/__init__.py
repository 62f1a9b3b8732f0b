"""What an operator has a service do to itself: each act a process of the service, with its own rights."""
