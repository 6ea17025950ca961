"""The server on loopback that simulated services answer through: one log, one set of faults, one certificate."""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
import socket
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Protocol, Self

import aiohttp
from aiohttp import web
from yarl import URL

from vkauth.secret import Secret
from vkauth.testing.bodies import UnknownCharsetError, read_form
from vkauth.testing.faults import Faults
from vkauth.testing.hosts import why_not_here
from vkauth.testing.known_secrets import KnownSecrets
from vkauth.testing.request_log import RequestLog, SeenRequest, masked_headers, masked_values
from vkauth.testing.tls import Certificates, connector

__all__ = ["Server", "Service"]


class Service(Protocol):
    """A simulated service: VK, or another one beside it on the same port."""

    @property
    def host_names(self) -> Sequence[str]:
        """Its hosts, for which the server has a certificate."""
        ...

    @property
    def places(self) -> Sequence[str]:
        """The places that it has, or what is above some of them, as :meth:`locate` names them."""
        ...

    def locate(self, request: SeenRequest) -> str | None:
        """Name the place that is asked for, as the log and the faults do; ``None``: it is not this service's."""
        ...

    def answer(self, request: SeenRequest) -> web.Response:
        """Answer a request for one of its places."""
        ...


class Server:
    """Serves, with ``async with``.

    Args:
        services: who answers; the first whose place it is.
        secrets: takes down what requests and answers have in them that nobody else should see.
        host: the loopback address to listen on.
        port: the port; 0: a free one.
        tls: also serve TLS on a port of its own, under the names of the services' hosts.

    Attributes:
        requests: what was sent to it.
        faults: what will go wrong.
    """

    def __init__(self, services: Sequence[Service], secrets: KnownSecrets, *, host: str, port: int, tls: bool) -> None:
        self._services = services
        self._secrets = secrets
        self._host = host
        self._wanted_port = port
        self._tls = tls
        self._root: URL | None = None
        self._tls_port: int | None = None
        self._certificates: Certificates | None = None
        self._closing = asyncio.Event()
        self._cleanup = contextlib.AsyncExitStack()
        self.requests: RequestLog = RequestLog()
        self.faults: Faults = Faults([place for each in services for place in each.places])

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._root or 'not started'}>"

    async def __aenter__(self) -> Self:
        """Start serving."""
        if self._root is not None:
            raise RuntimeError("this simulator was started already; make a new one")
        async with contextlib.AsyncExitStack() as stack:
            runner = web.ServerRunner(
                web.Server(self._serve, handler_cancellation=True, access_log=None), shutdown_timeout=1.0
            )
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            stack.callback(self._closing.set)
            self._secrets.begin()
            stack.callback(self._secrets.end)
            port = await _listen(runner, self._host, self._wanted_port)
            if self._tls:
                self._certificates = Certificates([name for each in self._services for name in each.host_names])
                stack.callback(self._certificates.remove)
                self._tls_port = await _listen(runner, self._host, 0, self._certificates)
            self._root = URL.build(scheme="http", host=self._host, port=port)
            self._cleanup = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop: requests that hang are broken off, files are removed."""
        await self._cleanup.aclose()

    @property
    def base_url(self) -> URL:
        """Where it is: ``http://127.0.0.1:PORT``."""
        if self._root is None:
            raise RuntimeError(f'the simulator is not started: use "async with {type(self).__name__}() as ...:"')
        return self._root

    @property
    def serves_tls(self) -> bool:
        """Whether it is started and serves TLS."""
        return self._tls_port is not None

    @property
    def tls_port(self) -> int:
        """The port that speaks TLS and tells hosts by their names."""
        if self._tls_port is None:
            raise RuntimeError(f"TLS is served only by a started {type(self).__name__}(tls=True)")
        return self._tls_port

    @property
    def ca_file(self) -> pathlib.Path:
        """The certificate of the throw-away authority, as PEM; removed at the end."""
        if self._certificates is None:
            raise RuntimeError(f"TLS is served only by a started {type(self).__name__}(tls=True)")
        return self._certificates.ca_file

    def connector(self) -> aiohttp.TCPConnector:
        """A connector for a session that finds ``https://oauth.vk.ru`` and every other host here, by TLS."""
        return connector(self._host, self.tls_port, self.ca_file)

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        refused: web.Response | None = None
        form: Mapping[str, str] = {}
        try:
            form = await read_form(request)
        except UnknownCharsetError as error:
            refused = web.Response(status=415, text=f"{error}\n")
        name = request.transport.get_extra_info("peername") if request.transport else None
        arrived = SeenRequest(
            number=self.requests.next_number(),
            method=request.method,
            scheme=request.scheme,
            host=request.headers.get("Host", self.base_url.authority),
            place="",
            path=request.rel_url.path,
            raw_target=request.raw_path,
            query=masked_values(dict(request.query)),
            form=masked_values(form),
            headers=masked_headers(request.headers),
            cookies={name: Secret(value) for name, value in request.cookies.items()},
            peer=(str(name[0]), int(name[1])) if name else ("", 0),
        )
        self._secrets.note_sent(arrived.params, arrived.headers, arrived.cookies)
        refused = self._wrong_host(arrived) or refused
        if refused is not None:
            self.requests.settle(self.requests.add(arrived, arrived.path.lstrip("/") or "/"), refused.status)
            return refused
        service, place = self._find_service(arrived)
        seen = self.requests.add(arrived, place)
        fault = self.faults.take(seen.place, seen.number)
        if fault is not None and fault.wait is not None:
            await fault.wait(self._closing)
        if fault is not None and fault.serve is not None:
            answer = await fault.serve(request, self._closing)
        elif service is not None:
            answer = service.answer(seen)
        else:
            answer = web.Response(status=404)
        if fault is not None and fault.change is not None:
            fault.change(answer)
        if isinstance(answer, web.Response) and isinstance(answer.body, bytes):
            self._secrets.note_answer(answer.body)
        for header in answer.headers.getall("Set-Cookie", []):
            self._secrets.note_set_cookie(header)
        for morsel in answer.cookies.values():
            self._secrets.note_cookie(morsel.value)
        self.requests.settle(seen, answer.status)
        return answer

    def _wrong_host(self, request: SeenRequest) -> web.Response | None:
        played = [name for each in self._services for name in each.host_names]
        reason = why_not_here(request.host, bound=self._host, played=played)
        return None if reason is None else web.Response(status=421, text=f"{reason}\n")

    def _find_service(self, request: SeenRequest) -> tuple[Service | None, str]:
        for each in self._services:
            place = each.locate(request)
            if place is not None:
                return each, place
        return None, request.path.lstrip("/") or "/"


async def _listen(runner: web.ServerRunner, host: str, port: int, certificates: Certificates | None = None) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family)
    await web.SockSite(runner, listening, ssl_context=certificates.server if certificates else None).start()
    return int(listening.getsockname()[1])
