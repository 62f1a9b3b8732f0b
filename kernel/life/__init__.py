"""What every process has: settings, log, health, metrics, traces."""
