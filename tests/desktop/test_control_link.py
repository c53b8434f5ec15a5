from __future__ import annotations

import asyncio
from typing import Any

import engineio
from aiohttp import web

from igym_desktop.control_link import ControlLink
from tests.waiting import until


def test_a_link_given_up_while_it_joins_leaves_no_socket_open(play: Any) -> None:
    async def scenario() -> None:
        # It opens sockets, and never answers who asks for a namespace.
        server = engineio.AsyncServer(async_mode="aiohttp")
        asked, left = asyncio.Event(), asyncio.Event()
        server.on("message", lambda *_: asked.set())
        server.on("disconnect", lambda *_: left.set())
        site = web.Application()
        server.attach(site, "socket.io")
        runner = web.AppRunner(site)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()

        link = ControlLink()
        link.open(f"http://127.0.0.1:{runner.addresses[0][1]}", "token")
        await asked.wait()
        connection: Any = link._connection
        await until(lambda: connection.client.eio.read_loop_task, "a socket that is read")
        link.close()
        await link.closed()
        assert connection.client.eio.read_loop_task.done()
        assert connection.client.eio.state == "disconnected"
        await left.wait()

        await server.shutdown()
        await runner.cleanup()

    play(scenario())
