"""The front door for gunicorn and the flask command."""

from portal import cli, logs
from portal.app import create_app

logs.set_up()
app = create_app()
cli.hang(app)
