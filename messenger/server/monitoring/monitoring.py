"""Everything by which programs watch a server: the port, the service manager, and the watchdog."""

from messenger.server.config import Settings
from messenger.server.monitoring.port import MonitoringPort
from messenger.server.monitoring.service_manager import ServiceManager
from messenger.server.monitoring.watchdog import Watchdog
from messenger.server.services import Services


class Monitoring:
    """Begins and ends with the server that it shows; `manager` hears of each change."""

    def __init__(self, settings: Settings) -> None:
        """Bind the port; raises CannotStart."""
        self.manager = ServiceManager()
        self._port = MonitoringPort(settings)
        self._watchdog: Watchdog | None = None
        self._port.listen()

    async def start(self, services: Services) -> None:
        """The database is open: answer whoever asks."""
        await self._port.start(services)
        self._watchdog = Watchdog(self.manager, services.journal)

    def ready(self) -> None:
        """The server accepts connections: give signs of life from now on."""
        if self._watchdog is not None:
            self._watchdog.start()
        self.manager.ready()

    def stop(self, *, restarts: bool = False) -> None:
        """The server is shutting down, perhaps to start anew: nobody is to ask any more.

        If it ends, nobody is to wait for signs of life either.
        """
        if restarts:
            self.manager.restarting()
        else:
            self.manager.stopping()
        if self._watchdog is not None:
            self._watchdog.stop()
        self._port.close()

    def close(self) -> None:
        """Release what the constructor has taken."""
        self._port.close()
        self.manager.close()
