"""The port for monitoring: `/metrics` for Prometheus, `/healthz` for probes of health."""

import asyncio
import logging
from http import HTTPStatus

from messenger.server.acceptor import start_accepting
from messenger.server.config import Settings
from messenger.server.listener import CannotListen, Listener, of_metrics
from messenger.server.monitoring.health import Health
from messenger.server.monitoring.http_server import HttpServer, Page, plain
from messenger.server.services import Services

_logger = logging.getLogger("messenger.server")

_BACKLOG = 16  # connections: more than are served at once


class MonitoringPort:
    """Listens from `listen` on, answers from `start` on, and does neither if the setting is 0."""

    def __init__(self, settings: Settings) -> None:
        self._listener = Listener(settings.metrics_address, settings.metrics_port, _BACKLOG)
        self._acceptors: list[asyncio.Server] = []
        self._server: HttpServer | None = None

    def listen(self) -> None:
        """Bind the port; raises CannotStart."""
        if not self._listener.port:
            return
        try:
            self._listener.open()
        except CannotListen as error:
            raise of_metrics(error) from error

    async def start(self, services: Services) -> None:
        """Answer requests."""
        if not self._listener.sockets:
            return
        # Most servers run without it.
        from messenger.server.monitoring.metrics import CONTENT_TYPE, MetricsPage

        loop = asyncio.get_running_loop()
        health = Health(services.journal, services.read_pool, services.sessions)
        metrics = MetricsPage(services.statistics, event_loop=type(loop).__module__)

        async def show_metrics() -> Page:
            return Page(HTTPStatus.OK, CONTENT_TYPE, metrics.render())

        async def show_health() -> Page:
            if trouble := await health.trouble():
                return plain(HTTPStatus.SERVICE_UNAVAILABLE, trouble)
            return plain(HTTPStatus.OK, "ok")

        self._server = HttpServer({"/metrics": show_metrics, "/healthz": show_health}, loop)
        self._acceptors = await start_accepting(self._listener, self._server.new_connection)
        where, port = self._listener.address or "all addresses", self._listener.port
        _logger.info("Metrics and health on port %d of %s", port, where)

    def close(self) -> None:
        """End all of it."""
        for acceptor in self._acceptors:
            acceptor.close()
        if self._server is not None:
            self._server.close()
        self._listener.close()
