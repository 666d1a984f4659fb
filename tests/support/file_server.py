"""A record and its files as Zenodo serves them, on this machine, with the faults a test wants."""

import hashlib
import json
import re
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RECORD = "/api/records/8086136"
PIECE = 1 << 14

Fault = Callable[["Answer"], None]


class Site:
    """What it serves, what goes wrong at the next requests, and what it was asked.

    Attributes:
        files: each file's bytes, as the record lists them.
        served: bytes that come instead of a file's own.
        tags: each file's ETag; none: no tag.
        ranges: whether parts can be had.
        faults: by path, what happens at the next requests instead of an answer.
        asked: the path and the headers of each request.
        sent: by path, how many bytes of files went out.
    """

    def __init__(self, address: str, files: dict[str, bytes]):
        self.address, self.files = address, files
        self.served: dict[str, bytes] = {}
        self.tags: dict[str, str] = {}
        self.ranges = True
        self.faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.sent: defaultdict[str, int] = defaultdict(int)

    @property
    def record(self) -> str:
        return self.address + RECORD

    def listing(self) -> dict[str, object]:
        """The record, and of what Zenodo says besides a little."""
        entries = [
            {
                "id": "0",
                "key": name,
                "size": len(content),
                "checksum": f"md5:{hashlib.md5(content, usedforsecurity=False).hexdigest()}",
                "links": {"self": f"{self.address}{path_of(name)}"},
            }
            for name, content in self.files.items()
        ]
        return {"id": 8086136, "doi": "10.5281/zenodo.8086136", "files": entries}

    def asked_for(self, name: str) -> list[dict[str, str]]:
        """The headers of each request for a file."""
        return [headers for path, headers in self.asked if path == path_of(name)]


def path_of(name: str) -> str:
    return f"{RECORD}/files/{name}/content"


class Answer(BaseHTTPRequestHandler):
    """To one request."""

    site: Site

    def do_GET(self) -> None:
        self.site.asked.append((self.path, dict(self.headers)))
        with suppress(ConnectionError):  # of a client that was killed
            self.answer()

    def answer(self) -> None:
        faults = self.site.faults[self.path]
        if faults:
            faults.popleft()(self)
        elif self.path == RECORD:
            self.send(200, {}, json.dumps(self.site.listing()).encode())
        else:
            self.give(len(self.content))

    @property
    def name(self) -> str:
        return self.path.removeprefix(f"{RECORD}/files/").removesuffix("/content")

    @property
    def content(self) -> bytes:
        return self.site.served.get(self.name, self.site.files[self.name])

    def give(self, most: int, *, ranges: bool = True) -> None:
        """The file or the part that is asked for; the connection ends after `most` bytes of it."""
        tag = self.site.tags.get(self.name)
        known = {"ETag": tag} if tag else {}
        start = self.start if ranges and self.site.ranges else 0
        if start >= len(self.content):
            self.send(416, {"Content-Range": f"bytes */{len(self.content)}"}, b"")
            return
        if start:
            end = f"{len(self.content) - 1}/{len(self.content)}"
            known["Content-Range"] = f"bytes {start}-{end}"
        rest = self.content[start:]
        self.send(206 if start else 200, known, rest, most)

    @property
    def start(self) -> int:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        wanted = self.headers.get("If-Range", self.site.tags.get(self.name))
        return int(asked[1]) if asked and wanted == self.site.tags.get(self.name) else 0

    def send(
        self, status: int, headers: Mapping[str, str], body: bytes, most: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        body = body[:most]
        for begin in range(0, len(body), PIECE):
            piece = body[begin : begin + PIECE]
            self.wfile.write(piece)
            self.site.sent[self.name] += len(piece)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        del format, args


def status(code: int, **headers: str) -> Fault:
    """An answer of nothing but a status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda answer: answer.send(code, named, b"not now")


def says(text: str) -> Fault:
    """Another body, with no word of an error."""
    return lambda answer: answer.send(200, {"Content-Type": "text/html"}, text.encode())


def breaks_after(count: int, *, ranges: bool = True) -> Fault:
    """The connection ends after so many bytes of the answer."""
    return lambda answer: answer.give(count, ranges=ranges)


def hangs_after(count: int, until: threading.Event) -> Fault:
    """Nothing comes after so many bytes of the answer, until the event."""

    def hang(answer: Answer) -> None:
        answer.give(count)
        answer.wfile.flush()
        until.wait(60)

    return hang


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[Site]:
    """A site that serves these files until the block ends."""

    class Handler(Answer):
        pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Handler.site = Site(f"http://127.0.0.1:{server.server_port}", files)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield Handler.site
        finally:
            server.shutdown()
            thread.join()
