"""gunicorn for several web workers: gunicorn --config deploy/gunicorn.conf.py wsgi:app.

A new release without a lost request: migrate first (migrations only add), then send HUP; workers
finish what they have in hand while new ones start.
"""

import os
import shutil
from pathlib import Path

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
worker_class = "gthread"
graceful_timeout = 30
timeout = 60
max_requests = 5_000  # a worker that has grown is replaced in its turn
max_requests_jitter = 500
keepalive = 5
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
accesslog = None  # the service writes its own line per request (LOG_LEVEL=INFO)


def on_starting(server):
    """Counts of workers that are gone would be added for ever: begin with an empty folder."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
        Path(folder).mkdir(parents=True)


def child_exit(server, worker):
    """Let the counts of a worker that ended stand, and its gauges go."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)
