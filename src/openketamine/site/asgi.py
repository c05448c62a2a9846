"""The only entry point of the pages: an event stream needs ASGI."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openketamine.site.settings")  # noqa: TID251 - Django finds its settings here
application = get_asgi_application()
