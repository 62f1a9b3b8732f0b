"""The shared language: what services, the gateway and the operators' command say to each other."""
