"""The headlines of chairs as HTML: rendered once for all the pages that show them, carried by the stream of events.

A monitor speaks once a second. Were each page to ask for its headlines each time, most of what the server does would be to find out
again who asks and which infusion it is.
"""

import logging
from datetime import datetime

from django.template.loader import render_to_string
from django.utils import translation

from openketamine.clinic.infusion import panels, queries
from openketamine.clinic.infusion.models import Infusion

LOG = logging.getLogger(__name__)


class Headlines:
    """Renders headlines; an infusion that was looked at once is kept until somebody has done something with its person."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[str, Infusion | None]] = {}

    def html(self, watch: int, done: str, language: str, *, at: datetime) -> str:
        """Return the headlines of the infusion of a watch in a language; `done` moves with everything that people do there.

        Those of a chair that cannot be computed are empty: its page asks again and says so, the others go on.
        """
        try:
            infusion = self._infusion(watch, done)
            tiles = panels.tiles(infusion, at=at) if infusion else None
            with translation.override(language):
                return render_to_string("infusion/_tiles.html", {"tiles": tiles}) if tiles else ""
        except Exception:  # one chair at fault must not end what all others hear
            LOG.exception("the headlines of one chair failed")
            return ""

    def _infusion(self, watch: int, done: str) -> Infusion | None:
        kept = self._kept.get(watch)
        if kept is None or kept[0] != done:
            kept = self._kept[watch] = done, queries.to_look_at().filter(watch=watch).first()
        return kept[1]
