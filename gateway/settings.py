"""The gateway's settings; the gateway knows the broker, no database and no signing key."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from gateway.bus.addresses import Networks, networks
from gateway.bus.lanes import Room
from gateway.edge.connections import Bounds
from kernel.life.settings import BrokerUrl, LifeSettings, Mode, Port, Url

ORIGINS = r"^(\s*https?://[a-z0-9.-]+(:\d{1,5})?\s*(,|$))*$"
"""Exact ones, as browsers send them: no path, no closing slash, no star that would let in everybody."""
NETWORKS = r"^[0-9a-fA-F:./, ]*$"
NAMED_URLS = r"^([a-z][a-z0-9_-]*=[a-z]+://[^,\s]+(,|$))*$"


@dataclass(frozen=True, kw_only=True)
class GatewaySettings(LifeSettings):
    """Names are the environment variables' in lower case; no default is a secret."""

    amqp_uri: BrokerUrl
    gateway_host: str = "127.0.0.1"
    gateway_port: Port = 8000
    health_targets: Annotated[str, Meta(pattern=NAMED_URLS)] = ""
    demo_accounts_file: str | None = None
    mail_sink_url: Url | None = None
    call_timeout: Annotated[float, Meta(gt=0, le=60)] = 10.0
    connections: Annotated[int, Meta(ge=1)] = 4000
    connections_per_address: Annotated[int, Meta(ge=1)] = 400
    sockets_per_address: Annotated[int, Meta(ge=1)] = 200
    calls_at_once: Annotated[int, Meta(ge=1, le=1000)] = 64
    calls_per_caller: Annotated[int, Meta(ge=1, le=1000)] = 3
    public_origins: Annotated[str, Meta(pattern=ORIGINS)] = ""
    observers: Annotated[str, Meta(pattern=NETWORKS)] = "127.0.0.1,::1"
    trusted_proxies: Annotated[str, Meta(pattern=NETWORKS)] = ""

    @property
    def in_production(self) -> bool:
        """No GraphiQL, no introspection and no demonstration accounts there."""
        return self.eiso_mode == Mode.PRODUCTION

    @property
    def targets(self) -> dict[str, str]:
        """Process name to the address its health is asked at (`directory=http://127.0.0.1:9101,…`)."""
        pairs = (part.partition("=") for part in self.health_targets.split(",") if part)
        return {name: url.rstrip("/") for name, _, url in pairs}

    @property
    def origins(self) -> tuple[str, ...]:
        """Other origins whose pages may call the gateway; none unless set."""
        return tuple(part.strip() for part in self.public_origins.split(",") if part.strip())

    @property
    def watchers(self) -> Networks | None:
        """From where `/metrics`, `/ready` and the processes' states may be seen; None: from anywhere."""
        return networks(self.observers) if self.in_production else None

    @property
    def bounds(self) -> Bounds:
        """What a connection may cost before it has asked for anything."""
        return Bounds(in_all=self.connections, per_address=self.connections_per_address)

    @property
    def room(self) -> Room:
        """How many calls are on the way to a service at once, in all and of one caller."""
        return Room(at_once=self.calls_at_once, per_caller=self.calls_per_caller)

    @property
    def proxies(self) -> Networks:
        """The proxies whose word about a client's address is believed; none unless set."""
        return networks(self.trusted_proxies)
