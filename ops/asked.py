"""Which platform a subcommand is about."""

from deploy.local.instance import Instance
from deploy.local.platform import Platform, UnknownFormat, load
from ops.speech import complain


def platform_of(name: str) -> Platform | None:
    """The platform asked about, or a word why there is none."""
    instance = Instance.named(name)
    try:
        return load(instance)
    except FileNotFoundError:
        complain("ops_never_started", instance=name)
    except UnknownFormat as failure:
        complain("ops_old_format", what=str(failure))
    return None
