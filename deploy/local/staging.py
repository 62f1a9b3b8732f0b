"""`make story`: a fresh platform with the demonstration province and business time pinned, for it alone."""

import subprocess
import sys
import time
from datetime import datetime

from deploy.local import servers
from deploy.local.instance import ROOT, Instance
from deploy.local.up import running
from deploy.speech import say
from kernel.base import clock

STORY = (sys.executable, "-m", "demo.story")


def run(instance: Instance) -> int:
    """What the story ends with; the platform is stopped, and stays to be looked at."""
    began = time.monotonic()
    say("story_begin")
    printed = subprocess.run([*STORY, "--opening"], cwd=ROOT, capture_output=True, text=True, check=True)
    servers.remove(instance.name)
    instance.make()
    clock.shift_to(instance.clock_file, datetime.fromisoformat(printed.stdout.strip()), frozen=True)
    with running(instance.name, demo=("--without-documents",)) as platform:
        code = subprocess.run([*STORY, "--platform", str(platform.file)], cwd=ROOT, check=False).returncode
        if code == 0:
            print()
            say("story_end", seconds=time.monotonic() - began)
    return code
