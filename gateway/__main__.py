"""`python -m gateway`: one process, one event loop, on the loopback unless told otherwise."""

import uvicorn

from gateway.app import Gateway
from gateway.limits import Limits
from gateway.settings import GatewaySettings
from kernel import clock
from kernel.life import garbage, log, traces
from kernel.life.settings import from_environ


def main() -> None:
    """Serve until told to stop; requests under way have ten seconds to end."""
    settings = from_environ(GatewaySettings)
    clock.configure(settings.eiso_mode, settings.business_clock_file)
    log.configure("gateway", settings.log_level, settings.log_format)
    traces.start("gateway", settings.traces_to, settings.traces_share)
    app = Gateway(settings).app()
    garbage.spare()
    uvicorn.run(
        app,
        host=settings.gateway_host,
        port=settings.gateway_port,
        loop="uvloop",
        ws="websockets-sansio",
        ws_max_size=Limits().body_bytes,
        access_log=False,
        log_config=None,
        server_header=False,
        # uvicorn would believe every process of this machine; `gateway.addresses` asks the setting.
        proxy_headers=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=10,
    )


if __name__ == "__main__":
    main()
