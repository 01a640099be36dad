"""How the web processes run: `gunicorn -c gunicorn.conf.py wsgi:app`."""

import os

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = 2
threads = 8
# Each worker opens its own database pool, so nothing is loaded before the fork.
preload_app = False
graceful_timeout = 30
timeout = 60
# One file per process in shared memory: a slow disk must not look like a hung worker.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
# structlog writes one line per request.
accesslog = None
control_socket_disable = True
