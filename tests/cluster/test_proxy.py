"""HAProxy as `deploy/` sets it up: TLS ends there, and servers learn who really asks."""

from __future__ import annotations

import json
import ssl
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.cluster.proxy import haproxy
from tests.cluster.study_server import LIMIT_S, answers

TLS = Path(__file__).parents[1] / "host" / "tls"


@contextmanager
def mirror(status: int) -> Iterator[int]:
    """The port of a server that is as well as `status` says and tells what it was asked."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told = json.dumps([(name.lower(), value) for name, value in self.headers.items()]).encode()
            self.send_response(status if self.path == "/health" else 200)
            self.send_header("Content-Length", str(len(told)))
            self.send_header("X-Port", str(server.server_address[1]))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: object) -> None:
            """Nothing is written down."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_visitors_come_by_https_and_under_their_own_address(tmp_path: Path) -> None:
    certificate = tmp_path / "study.pem"
    certificate.write_bytes((TLS / "certificate.pem").read_bytes() + (TLS / "key.pem").read_bytes())
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    made_up = {"X-Forwarded-For": "198.51.100.9", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "elsewhere.example"}

    with mirror(200) as leads, mirror(404) as stands_by, haproxy(tmp_path, (stands_by, leads), certificate) as url:
        answers(url, trusting)
        asked = urllib.request.Request(f"{url}/join", headers={**made_up, "Host": "study.example.org"})
        with urllib.request.urlopen(asked, context=trusting, timeout=120) as answer:
            told = json.load(answer)

    assert [value for name, value in told if name == "x-forwarded-proto"] == ["https"]
    assert [value for name, value in told if name == "x-forwarded-host"] == ["study.example.org"]
    assert [value for name, value in told if name == "x-forwarded-for"][-1] == "127.0.0.1"


def test_people_stay_with_a_server_whose_database_is_away(tmp_path: Path) -> None:
    """One that waits for its database is not gone: its pages say what is the matter."""
    with mirror(503) as waits, mirror(404) as stands_by, haproxy(tmp_path, (waits, stands_by)) as url:
        in_a_row, ends_at = 0, time.monotonic() + LIMIT_S
        # In turns, until the proxy has seen how both are; from then on always the same one.
        while in_a_row < 8:
            assert time.monotonic() < ends_at
            in_a_row = in_a_row + 1 if answered_by(url) == waits else 0


def answered_by(url: str) -> int | None:
    try:
        with urllib.request.urlopen(f"{url}/page", timeout=120) as answer:
            return int(answer.headers["X-Port"])
    except OSError:
        time.sleep(0.05)
        return None
