"""The door for web servers: gunicorn wsgi:app."""

from config import Config
from matcher import create_app

app = create_app(Config)
