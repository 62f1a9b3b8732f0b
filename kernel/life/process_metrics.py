"""The figures of a service's process: its roles, its connections, and what waits, as the sampler finds it.

Apart from `metrics`, so that the gateway, which has none of these, does not expose them as zeros.
"""

from kernel.life.metrics import counter, gauge

# -- what this process is ----------------------------------------------------------------------------
PROCESS = gauge("eiso_process", "1 for each role this process plays", "service", "role")
POOL = gauge("eiso_database_connections_used", "Connections in use, of those the pool may open")
POOL_SIZE = gauge("eiso_database_connections_most", "Connections the pool may open")

# -- what waits: sampled every few seconds by the process that sweeps --------------------------------
OUTBOX_WAITING = gauge("eiso_outbox_waiting", "Events not yet published")
OUTBOX_AGE = gauge("eiso_outbox_oldest_seconds", "Age of the oldest event not yet published")
UNSEALED = gauge("eiso_trail_unsealed", "Trail rows waiting for their seal")
UNSEALED_AGE = gauge("eiso_trail_unsealed_oldest_seconds", "Age of the oldest trail row without a seal")
INBOX = gauge("eiso_inbox_rows", "Messages remembered as having had their effect, as estimated")
JOBS = gauge("eiso_jobs", "Jobs, by kind and state", "kind", "state")
JOB_AGE = gauge("eiso_job_oldest_seconds", "Age of the oldest job in this state", "kind", "state")
JOB_DONE = gauge("eiso_job_done", "Of the running jobs of a kind, what is done", "kind")
JOB_TOTAL = gauge("eiso_job_total", "Of the running jobs of a kind, what there is to do", "kind")
BACKLOG = gauge("eiso_backlog", "Due work that nobody has done yet", "work")
BACKLOG_AGE = gauge("eiso_backlog_oldest_seconds", "How long the most overdue of it has been due", "work")
QUEUE = gauge("eiso_queue_messages", "Messages ready in a queue", "queue", "kind")
QUEUE_READERS = gauge("eiso_queue_readers", "Who reads a queue", "queue")
QUEUE_AGE = gauge(
    "eiso_queue_not_empty_seconds",
    "How long a queue has not been seen empty: its oldest message is no older",
    "queue",
)
AGENCY = gauge(
    "eiso_agency_figure",
    "Business figures, of the agencies with the most and of all others",
    "figure",
    "agency",
)
SAMPLED = gauge("eiso_sampled_timestamp_seconds", "When this was last measured (Unix time)", "what")
SAMPLE_FAILED = counter("eiso_sample_failed_total", "Measurements that failed", "what")
