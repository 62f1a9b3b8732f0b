"""README's calls work as they are pasted, against a platform that is up."""

import json
import re
import subprocess

from tests.architecture.source import ROOT

SECTION = re.compile(r"^## Calling the API$(.*?)^## ", re.M | re.S)
SHELL = re.compile(r"^```sh$\n(.*?)^```$", re.M | re.S)


def commands() -> str:
    """What a reader pastes, the instance's folder changed for that of these tests."""
    [section] = SECTION.findall((ROOT / "README.md").read_text("utf-8"))
    pasted = "\n".join(SHELL.findall(section))
    assert pasted.count("curl ") >= 2
    assert "authorization: Bearer" in pasted
    return pasted.replace(".local/run/", ".local/e2e/")


def test_the_calls_of_the_readme_are_answered(platform):
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert "errors" not in answer
    assert "edges" in answer["data"]["documents"]
