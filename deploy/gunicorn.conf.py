"""How gunicorn serves the portal, here and in an installation behind nginx."""

import os
import tempfile
from importlib import import_module

# The web processes count together, in files of this folder; it is read when the application loads.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="portal-meters-"))

wsgi_app = "wsgi:app"
# The application is loaded once, before the workers part from their parent: half the start and half
# the memory. It opens no connection while it loads, so nothing is shared that must not be.
preload_app = True
# Threads, because most of a request is waiting for the database or the object store; but never for
# a stranger: waitress takes each request in whole before a thread sees it. The number of
# workers comes from WEB_CONCURRENCY, which gunicorn reads itself; two suit the smallest machine.
worker_class = "portal.reception.Reception"
threads = 8
worker_connections = 1000
sendfile = False  # a file goes through the same store as any other answer
# A process whose loop has not turned for a minute is stuck; what a thread waits for has its own
# limits (portal/patience.py). Ten seconds let requests end when we are told to stop.
timeout = 60
graceful_timeout = 10
keepalive = 5
# Without this, gunicorn opens a control socket in the home folder of whoever starts it.
control_socket_disable = True
# The application writes its own request log, without personal data.
accesslog = None
errorlog = "-"
loglevel = "warning"


def on_starting(_server: object) -> None:
    """Load the printing before the workers part too, so that nobody waits for the first paper."""
    import_module("portal.press")
