"""Joins the web client's modules into a few files in web_client/bundled/: a page and its worker then ask for ten files
where they asked for 120, one network delay after the other.

    python build/bundle.py

esbuild joins them, and does nothing else: lines and names stay as they are written, for whoever reads an error. The
host serves them only while they are made of the modules that lie there (`igym.host.http.web_files.Bundled`).
"""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLIENT = ROOT / "web_client"
ESBUILD = ROOT / "node_modules" / "@esbuild"
OPTIONS = (
    "--bundle", "--format=esm", "--splitting", "--chunk-names=part-[hash]", "--charset=utf8", "--log-level=warning",
)  # fmt: skip


class BundleError(Exception):
    """What esbuild said."""


def esbuild() -> Path:
    """The program of this system among the npm packages. Raises BundleError when there is none."""
    names = ("bin/esbuild", "esbuild.exe")
    found = next((path for name in names for path in sorted(ESBUILD.glob(f"*/{name}"))), None)
    if found is None:
        raise BundleError("esbuild is not among the npm packages: run `npm ci` first.")
    return found


def bundle(client: Path = CLIENT) -> bool:
    """Brings `client`/bundled up to date; False when it already was. Raises BundleError."""
    sys.path.insert(0, str(ROOT / "server"))
    from igym.host.http.web_files import Bundled

    if Bundled(client).is_current:
        return False
    fresh = client / f"{Bundled.FOLDER}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    entries = [f"{Path(joined).stem}={entry}" for entry, joined in Bundled.JOINED.items()]
    done = subprocess.run(
        [str(esbuild()), *entries, *OPTIONS, f"--outdir={fresh}"],
        cwd=client, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise BundleError("The web client's modules could not be joined:\n" + done.stderr[-2000:])
    for path in sorted(fresh.glob("*.js")):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    (fresh / Bundled.LIST).write_text(json.dumps({"made_of": Bundled.digest(client)}) + "\n", encoding="utf-8")
    shutil.rmtree(client / Bundled.FOLDER, ignore_errors=True)
    fresh.rename(client / Bundled.FOLDER)
    return True


if __name__ == "__main__":
    try:
        made = bundle()
    except BundleError as error:
        raise SystemExit(str(error)) from None
    if "--quiet" not in sys.argv:
        print("web_client/bundled made" if made else "web_client/bundled is current")
