"""The runbook's pages do what they say: their commands as they are written, but for the gateway's address."""

import asyncio
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = ROOT / "docs" / "runbook.md"


def page(name):
    found = RUNBOOK.read_text("utf-8").partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    assert found, f"the runbook has no page {name!r}"
    return "\n".join(re.findall(r"```sh\n(.*?)```", found, re.S))


async def run(platform, *pages):
    """What the pages' commands print, the administrator's password typed in."""
    script = "\n".join(page(name) for name in ("Asking by hand", *pages))
    assert "http://127.0.0.1:8000/graphql" in script
    script = script.replace("http://127.0.0.1:8000", platform.gateway_url)
    pipe = asyncio.subprocess.PIPE
    bash = await asyncio.create_subprocess_exec(
        "bash", "-euo", "pipefail", "-c", script, stdin=pipe, stdout=pipe, stderr=pipe
    )
    typed = f"{platform.passwords['bootstrap_admin']}\n".encode()
    said, wrong = (part.decode() for part in await bash.communicate(typed))
    assert bash.returncode == 0, wrong + said
    return said


async def test_a_portals_program_is_registered_rotated_and_revoked(platform):
    said = await run(platform, "A portal's program")
    assert "ratelimit-policy: 60;w=60, 5000;w=86400" in said
    assert '"previousSecretUntil":"' in said
    assert '"state":"REVOKED"' in said


async def test_agencies_are_reorganised_and_the_act_taken_back(platform):
    said = await run(platform, "Reorganising")
    assert '"part":"ENDED"' in said
    assert re.search(r'"service":"documents","note":null,"counts":\[', said)
    assert '"state":"SCHEDULED"' in said
    assert '"state":"CANCELLED"' in said


async def test_a_position_is_handed_over_and_that_taken_back(platform):
    said = await run(platform, "Handing over a position")
    assert '"notAnswering":[]' in said
    assert '"state":"DRAWN_UP"' in said
    assert '"state":"CANCELLED"' in said


async def test_agencies_are_loaded_from_a_file_and_loading_it_again_changes_nothing(platform, tmp_path):
    """Units of a department, with one bad line first: nothing is entered until it is mended."""
    path = tmp_path / "danh-muc.csv"
    heading = "Mã cơ quan;Tên cơ quan;Tên viết tắt;Loại;Mã cơ quan cấp trên;Từ ngày"
    good = "H42.008.81;Chi cục Thử nghiệm;CCTN;sub_department;H42.008;01/08/2025"
    path.write_text(f"{heading}\n{good}\nH42.008.82;;X;sub_department;H42.999;31/02/2025\n", "utf-8")
    basis = ["--basis-number", "1/QĐ", "--basis-issued-on", "2025-07-31", "--basis-issued-by", "UBND tỉnh"]
    basis += ["--basis-subject", "Thành lập chi cục"]
    code, said = await _eiso(platform, "agencies", "import", str(path), *basis)
    assert code == 1
    assert said.count("Dòng 3:") == 3
    path.write_text(f"{heading}\n{good}\n", "utf-8")
    assert (await _eiso(platform, "agencies", "import", str(path), *basis))[0] == 0
    code, said = await _eiso(platform, "agencies", "import", str(path), *basis)
    assert (code, "1 đã có" in said) == (0, True)


async def test_a_provinces_communes_are_judged_against_those_that_are_there(platform):
    code, said = await _eiso(platform, "agencies", "province", "37", "--under", "H42", "--dry-run")
    creating, standing, bad = (int(each) for each in re.findall(r"\d+", said.splitlines()[0]))
    assert (code, creating + standing, bad) == (0, 129, 0), said
    assert standing >= 2


async def _eiso(platform, *arguments):
    environ = {**os.environ, "EISO_PASSWORD": platform.passwords["bootstrap_admin"]}
    environ.pop("LANG", None)
    known = ["--username", "quantri", "--gateway", platform.gateway_url]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ops", *arguments, *known),
        cwd=ROOT,
        env=environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()
