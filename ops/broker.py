"""`eiso broker`: the definitions by which a RabbitMQ gets its users, rights and exchanges."""

import argparse
import json
import os

from deploy.platform import broker, settings
from deploy.speech import say
from ops.chosen_platform import reading


def arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing more than every command has."""


def run(asked: argparse.Namespace) -> int:
    """0: the file is written; what it holds changes nothing until the broker's operator imports it."""
    with reading(asked) as file:
        # Users of this release that the platform knows no password of yet get theirs.
        platform = settings.complete(file)
    path = file.parent / "definitions.json"
    defined = broker.definitions(platform.passwords, [platform.vhost])
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as into:
        json.dump(defined, into, indent=1)
    if asked.json:
        print(json.dumps({"file": str(path)}))
    else:
        say("ops_broker_written", file=path)
    return 0
