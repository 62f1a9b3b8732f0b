"""Who: agencies as a dated tree, people, the positions they hold, their roles, and signing in."""
