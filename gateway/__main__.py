"""`python -m gateway`: one process, one event loop, on the loopback unless its settings say otherwise."""

from uvicorn import Server

from gateway.app import Gateway
from gateway.edge.connections import protocol, served
from gateway.graphql.limits import Limits
from gateway.settings import GatewaySettings
from kernel.base import clock
from kernel.life import garbage, log, traces
from kernel.life.settings import from_environ


def main() -> None:
    """Serve until a signal to stop; requests under way have ten seconds to end."""
    settings = from_environ(GatewaySettings)
    clock.configure(settings.eiso_mode, settings.business_clock_file)
    log.configure("gateway", settings.log_level, settings.log_format)
    traces.start("gateway", settings.traces_to, settings.traces_share)
    app = Gateway(settings).app()
    garbage.spare()
    config = served(
        app,
        host=settings.gateway_host,
        port=settings.gateway_port,
        socket_bytes=Limits().body_bytes,
        kind=protocol(settings.bounds, settings.proxies),
    )
    Server(config).run()


if __name__ == "__main__":
    main()
