"""The host's own package index: the pages that pip and micropip read, over the wheels of the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from urllib.parse import quote

from packaging.utils import canonicalize_name

from igym.host.packages.wheels import Wheel, wheel_url


def index_page(wheels: Sequence[Wheel]) -> str:
    """`/simple/`: the names this host has wheels of."""
    links = (f'<a href="{quote(name)}/">{escape(name)}</a><br>' for name in sorted({w.name for w in wheels}))
    return _page("Packages", links)


def project_page(name: str, wheels: Sequence[Wheel]) -> str | None:
    """`/simple/<name>/`: the wheels of one package with their hashes; None when there is none."""
    own = [wheel for wheel in wheels if wheel.name == canonicalize_name(name)]
    if not own:
        return None
    return _page(own[0].name, (_link(wheel) for wheel in sorted(own, key=lambda wheel: wheel.file_name)))


def _link(wheel: Wheel) -> str:
    python = f' data-requires-python="{escape(wheel.requires_python)}"' if wheel.requires_python else ""
    return (
        f'<a href="../..{wheel_url(wheel.file_name)}#sha256={wheel.sha256}"{python}>{escape(wheel.file_name)}</a><br>'
    )


def _page(title: str, lines: Iterable[str]) -> str:
    head = (
        f'<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.0"><title>{escape(title)}</title>'
    )
    return head + "</head><body>\n" + "\n".join(lines) + "\n</body></html>\n"
