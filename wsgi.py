"""What a WSGI server loads."""

from app.factory import create_app
from app.web import ready

app = create_app()
# Prices and stock on a public page are never older than this.
ready.keep(app, seconds=1.0)
