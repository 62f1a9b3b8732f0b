"""An archive of a whole platform: databases, objects, keys, and a manifest that is written last."""
