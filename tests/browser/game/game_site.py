"""A host of nothing but files, for trying the game worker and the renderer in a real browser."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from igym.host.http.web_files import bridge_for_browsers
from igym.in_browsers import library_files

ROOT = Path(__file__).resolve().parents[3]
CLIENT = ROOT / "web_client"
PAGES = Path(__file__).parent


class _Site(SimpleHTTPRequestHandler):
    def __init__(self, *args: object, files: dict[str, bytes], **kwargs: object) -> None:
        self._files = files
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path in self._files:
            body = self._files[path]
            self.send_response(200)
            self.send_header("Content-Type", self.guess_type(path))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        else:
            super().do_GET()

    def translate_path(self, path: str) -> str:
        path = path.split("?")[0]
        if path.startswith("/static/t/"):
            return str(CLIENT / path.removeprefix("/static/t/"))
        if path.startswith("/vendor/t/"):
            return str(CLIENT / "vendor" / path.removeprefix("/vendor/t/"))
        return str(CLIENT / "nothing")

    def guess_type(self, path: object) -> str:
        if str(path).endswith((".js", ".mjs")):
            return "text/javascript"
        if str(path).split("?")[0] in ("/", "/two", "/drawing"):
            return "text/html; charset=utf-8"
        if str(path).endswith(".wasm"):
            return "application/wasm"
        return str(super().guess_type(path))  # type: ignore[arg-type]

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "max-age=3600")
        super().end_headers()

    def log_message(self, *_args: object) -> None:
        pass


@contextmanager
def game_site() -> Iterator[str]:
    """Serve the web client, pages for one player, for several and for the renderer alone; yields the base address."""
    served = {
        "/": (PAGES / "page.html").read_bytes(),
        "/two": (PAGES / "two.html").read_bytes(),
        "/drawing": (PAGES / "drawing.html").read_bytes(),
        "/static/t/py/igym_rendering.json": json.dumps(library_files()).encode(),
        "/static/t/py/igym_bridge.json": bridge_for_browsers(CLIENT),
    }
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Site, files=served))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
