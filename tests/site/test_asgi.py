"""What pages ask for by themselves stands in a line; what somebody asks for does not."""

import asyncio

from openketamine.site.asgi import AT_A_TIME, OnKeptThreads


def most_at_once(*paths):
    """Ask for all paths together and return how many were being answered at the same time."""
    busy, most = 0, 0

    async def pages(_scope, _receive, _send):
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.01)
        busy -= 1

    async def asked():
        server = OnKeptThreads(pages)
        await asyncio.gather(*(server({"path": path}, None, None) for path in paths))

    asyncio.run(asked())
    return most


def test_of_what_twenty_pages_ask_for_by_themselves_two_are_answered_at_a_time():
    asked = [f"/infusion/{one}/{part}/" for one in range(20) for part in ("live", "chart")]
    assert most_at_once(*asked) == AT_A_TIME == 2


def test_what_somebody_records_or_opens_does_not_stand_in_that_line():
    asked = [f"/infusion/{one}/live/" for one in range(20)]
    assert most_at_once(*asked, "/infusion/1/record/", "/stream/", "/") == AT_A_TIME + 3


def test_one_that_fails_does_not_keep_its_place_in_the_line():
    async def failing(_scope, _receive, _send):
        raise ConnectionError

    async def asked():
        server = OnKeptThreads(failing)
        answers = [server({"path": "/infusion/1/live/"}, None, None) for _ in range(5)]
        return await asyncio.wait_for(asyncio.gather(*answers, return_exceptions=True), 5)

    assert [type(one) for one in asyncio.run(asked())] == [ConnectionError] * 5
