"""`make doctor`: the machine first, then what `eiso doctor` asks of any platform."""

from collections.abc import Iterator

from deploy.local import machine
from deploy.local.instance import Instance
from deploy.local.platform import load
from deploy.platform.settings import UnknownFormat
from ops import doctor
from ops.doctor.finding import Finding


def examine(instance: Instance) -> Iterator[Finding]:
    """From the machine up, also where no platform was ever started on it."""
    yield from machine.findings(instance)
    try:
        platform = load(instance)
    except FileNotFoundError:
        yield Finding(code="ops_never_started", is_well=False, facts={"instance": instance.name})
    except UnknownFormat as failure:
        yield Finding(code="ops_old_format", is_well=False, facts={"what": str(failure)})
    else:
        yield from machine.findings_of_ports(platform)
        yield from doctor.examine(platform)
