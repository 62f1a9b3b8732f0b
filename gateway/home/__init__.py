"""The page a person opens first, room by room; `whole.render` puts the rooms together."""
