"""A bad wire: a port of ours before a server's, which may be slow, narrow, cut, deaf or closed.

It lives on a thread with a loop of its own, so that it goes on whatever the test waits for.
"""

import asyncio
import socket
import struct
import threading
from dataclasses import dataclass
from random import Random

CHUNK = 16_384
AT_ONCE = struct.pack("ii", 1, 0)
"""A socket that lingers for no time says `reset` instead of goodbye."""


@dataclass(frozen=True, kw_only=True)
class Weather:
    """What befalls the bytes. `deaf`: a new connection is taken and never answered, those there fall silent
    for ever. `cut`: each connection is reset after about so many bytes."""

    latency: float = 0.0
    bytes_a_second: float | None = None
    cut: int | None = None
    deaf: bool = False
    resets: bool = False


FAIR = Weather()


class Link:
    """One connection through the wire: what is left until it is cut, and whether it has fallen silent."""

    def __init__(self, left: int | None) -> None:
        self.left, self.is_silent = left, False
        self.silent = asyncio.Event()
        self.ends: list[asyncio.StreamWriter] = []


class Proxy:
    """Listens from `start` to `stop`; `weather` may be changed at any time."""

    def __init__(self, behind: int, seed: str = "eISO wires") -> None:
        self.behind, self.port = behind, 0
        self.weather = FAIR
        self.cuts = 0
        self._draw = Random(seed)
        self._links: set[Link] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._take, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def become(self, weather: Weather) -> None:
        """Change the weather for what is there and what comes; who fell silent stays so."""
        self._run(self._change(weather))

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _change(self, weather: Weather) -> None:
        was, self.weather = self.weather, weather
        for link in list(self._links):
            link.left = self._length()
            if weather.deaf:
                link.is_silent = True
            elif was.deaf and len(link.ends) == 2:
                _reset(link.ends[1])  # by now the server has found out; the client has to by itself
            if weather.resets:
                self._cut(link)

    def _length(self) -> int | None:
        return None if self.weather.cut is None else self._draw.randint(1, 2 * self.weather.cut)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(self._length())
        link.ends.append(writer)
        self._links.add(link)
        try:
            if self.weather.resets:
                self._cut(link)
                return
            if self.weather.deaf:
                await link.silent.wait()
            behind_reader, behind = await asyncio.open_connection("127.0.0.1", self.behind)
            link.ends.append(behind)
            await asyncio.gather(self._carry(link, reader, behind), self._carry(link, behind_reader, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            for end in link.ends:
                _reset(end)
            self._links.discard(link)

    async def _carry(self, link: Link, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(CHUNK):
            weather = self.weather
            if weather.latency:
                await asyncio.sleep(weather.latency)
            if weather.bytes_a_second:
                await asyncio.sleep(len(data) / weather.bytes_a_second)
            if link.is_silent:
                await link.silent.wait()
            if link.left is not None:
                link.left -= len(data)
                if link.left < 0:
                    self._cut(link)
                    raise ConnectionResetError
            target.write(data)
            await target.drain()
        if link.is_silent:
            await link.silent.wait()
        raise ConnectionResetError  # one side has ended: so does the other

    def _cut(self, link: Link) -> None:
        self.cuts += 1
        for end in link.ends:
            _reset(end)

    async def _close(self) -> None:
        self._server.close()
        carrying = asyncio.all_tasks() - {asyncio.current_task()}
        for task in carrying:
            task.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)


def _reset(end: asyncio.StreamWriter) -> None:
    transport = end.transport
    if not transport.is_closing():
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        transport.abort()
