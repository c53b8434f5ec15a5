"""Makes the manual of `docs/` for the app, and is MkDocs' hook while it does: links out of the manual become words."""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from PIL import Image

import igym

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "build" / "out" / "docs"
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")
SHIM = re.compile(r"https://unpkg\.com/iframe-worker/shim")
COLOURS = 80
WORKER = ROOT / "build" / "docs_worker.js"
SHOWN = re.compile(r"(screenshots/[\w-]+)\.png")
PICTURE = re.compile(r'<img [^>]*src="([^"]*screenshots/([^"/]+))\.png"[^>]*>')
NAMES = re.compile(r"<!-- names: (.*) -->")
START = '<meta http-equiv="refresh" content="0; url=manual/index.html">'
"""The site's own first page is the manual's."""


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Whatever lies outside the manual (sources, pages for developers) is named and not linked: the app lacks it."""
    there = {file.src_uri for file in files.documentation_pages()} | {file.src_uri for file in files.media_files()}

    def kept(found: re.Match[str]) -> str:
        words, link = found[1], found[2]
        if link.startswith(("http://", "https://", "mailto:", "#")):
            return found[0]
        target = posixpath.normpath(posixpath.join(posixpath.dirname(page.file.src_uri), link.partition("#")[0]))
        return found[0] if target in there else words

    markdown = with_names(markdown)
    parts = re.split(r"(^```.*?^```)", markdown, flags=re.S | re.M)
    return "".join(part if part.startswith("```") else LINK.sub(kept, part) for part in parts)


def on_page_content(html: str, page: Any, config: Any, files: Any) -> str:
    """In a dark browser a picture of a page is the dark one, where there is one."""

    def both(found: re.Match[str]) -> str:
        if files.get_file_from_path(f"screenshots/{found[2]}-dark.png") is None:
            return found[0]
        dark = f'<source media="(prefers-color-scheme: dark)" srcset="{found[1]}-dark.png">'
        return f"<picture>{dark}{found[0]}</picture>"

    return PICTURE.sub(both, html)


def with_names(markdown: str) -> str:
    """The reference's marks filled with the names that a study may import from there; `*` takes those left over."""
    named = {module for found in NAMES.findall(markdown) for module in found.split()}

    def entries(found: re.Match[str]) -> str:
        wanted = found[1].split()
        modules = [module for module in igym._HOMES if module not in named] if wanted == ["*"] else wanted
        return "\n".join(f"::: {module}.{name}" for module in modules for name in igym._HOMES[module])

    return NAMES.sub(entries, markdown)


def build(site: Path = SITE) -> None:
    """Writes the site anew; raises `CalledProcessError` when a page or a link of it is not there."""
    shutil.rmtree(site, ignore_errors=True)
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--config-file", str(ROOT / "build" / "mkdocs.yml"),
         "--site-dir", str(site)],
        check=True, cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    shutil.copy(WORKER, site / "assets" / WORKER.name)
    _leave_out_what_no_page_uses(site)
    for page in site.rglob("*.html"):
        above = "../" * (len(page.relative_to(site).parts) - 1)
        text = SHIM.sub(f"{above}assets/{WORKER.name}", page.read_text("utf-8"))
        page.write_text(SHOWN.sub(r"\1.webp", text), encoding="utf-8")
    (site / "index.html").write_text(f"<!doctype html>{START}", encoding="utf-8")


def _leave_out_what_no_page_uses(site: Path) -> None:
    """The site travels in the app: without other pages' pictures, maps for debuggers, and the search's languages."""
    text = "".join(page.read_text("utf-8") for page in site.rglob("*.html"))
    for picture in (site / "screenshots").glob("*.png"):
        if picture.name in text:
            _make_small(picture)
        else:
            picture.unlink()
    for map_ in site.rglob("*.map"):
        map_.unlink()
    shutil.rmtree(site / "assets" / "javascripts" / "lunr", ignore_errors=True)
    # A page opened from a folder may not fetch this one; it has the same as a script.
    (site / "search" / "search_index.json").unlink()


def _make_small(picture: Path) -> None:
    """Windows have few colours: a quarter of the bytes, and nobody sees a difference."""
    with Image.open(picture) as opened:
        few = opened.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.convert("RGB").save(picture.with_suffix(".webp"), "WEBP", lossless=True, quality=100, method=4)
    picture.unlink()


if __name__ == "__main__":
    build()
