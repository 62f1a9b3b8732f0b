"""Watching over a platform: Prometheus, its alarms, Grafana's dashboards, and a reader of traces."""
