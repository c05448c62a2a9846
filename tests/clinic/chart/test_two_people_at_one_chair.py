"""Two people on one chair see each other's entries within a second: from the press of a button to the other's page that holds it."""

import asyncio
import time

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient
from django.urls import reverse
from tests.builders import make_staff

from openketamine.clinic.chart import views
from openketamine.clinic.chart.stream import Hub

pytestmark = pytest.mark.django_db(transaction=True)
WITHIN_S = 1.0


class Tablet:
    """The chair page of one nurse: its event stream, and the part of the page that it fetches when something changed."""

    def __init__(self, person, infusion):
        self.person, self.infusion, self.client = person, infusion, AsyncClient()

    async def open(self):
        await self.client.aforce_login(self.person)
        answer = await self.client.get(reverse("chart:stream"), {"watch": self.infusion.watch_id})
        self.told = aiter(answer.streaming_content)
        await self.changed()

    async def changed(self):
        while b"event: changed" not in await anext(self.told):
            pass

    async def post(self, name, **fields):
        answer = await self.client.post(reverse(name, args=[self.infusion.reference]), fields)
        assert answer.status_code == 302

    async def live(self):
        return (await self.client.get(reverse("infusion:live", args=[self.infusion.reference]))).text


async def seen(reader, writer, words, name, **fields):
    """Return the seconds from the press to the other's page, which holds the words then and did not before."""
    assert words not in await reader.live()
    pressed = time.perf_counter()
    await writer.post(name, **fields)
    await reader.changed()
    assert words in await reader.live()
    return time.perf_counter() - pressed


async def both_ways(one, other):
    for tablet in (one, other):
        await tablet.open()
    took = [
        await seen(other, one, "held her hand", "infusion:record", kind="observation", says="held her hand"),
        await seen(one, other, "143/87", "infusion:check", nibp_systolic="143", nibp_diastolic="87"),
        await seen(other, one, "4 mg", "infusion:record", kind="drug_given", says="ondansetron", dose="4 mg"),
        await seen(other, one, 'id="emergency"', "infusion:record", kind="emergency", says="emergency"),
    ]
    for tablet in (one, other):
        await tablet.told.aclose()
    await sync_to_async(connections.close_all)()
    return took


def test_what_one_records_stands_on_the_other_s_page_within_a_second(sat, monkeypatch):
    monkeypatch.setattr(views, "HUB", Hub())
    tablets = [Tablet(make_staff(username=name), sat) for name in ("nils", "nora")]

    took = asyncio.run(both_ways(*tablets))

    assert max(took) <= WITHIN_S
