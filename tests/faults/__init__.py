"""What is killed, stopped, cut or flooded here must cost nobody anything."""
