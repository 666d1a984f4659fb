"""Content from a web server, through what breaks on the way: a file goes on where it stood."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import TypeVar
from urllib import request
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from dagm_transfer.core.errors import reason

BLOCK = 1 << 18
TOO_MANY_REQUESTS, RANGE_NOT_SATISFIABLE, SERVER_ERRORS = 429, 416, 500

T = TypeVar("T")
Say = Callable[[str], None]
OnBytes = Callable[[int, int], None]  # received by this call; missing yet


class Unreachable(Exception):  # noqa: N818 - a state, not a fault: the caller knows other ways
    """The content cannot be had from there now; the message names the host and says why."""

    def __init__(self, said: str, status: int = 0):
        super().__init__(said)
        self.status = status


class _Again(Unreachable):
    """It may be had after a pause, of as many seconds as the server asks for."""

    def __init__(self, said: str, pause: float = 0.0):
        super().__init__(said)
        self.pause = pause


class _NoConnection(_Again):
    """Nobody answered at all."""


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for, in seconds."""

    silence: float = 30.0  # without an answer, and without a byte
    pauses: tuple[float, ...] = (1.0, 5.0, 20.0)  # before each attempt after the first
    longest: float = 120.0  # pause that a busy server may ask for


def read_url(url: str, most: int, patience: Patience, say: Say) -> bytes:
    """The content at `url`, at most so many bytes of it.

    Raises:
        Unreachable: nobody answers, which is not tried again; or a refusal, or no pause helped.
    """

    def attempt() -> bytes:
        with _open(url, {"Accept": "application/json"}, patience) as response:
            content = bytearray()
            for block in _blocks(response, url, patience):
                content += block[: most - len(content)]
            return bytes(content)

    return _patiently(attempt, patience, lambda: 0, say, final=_NoConnection)


def fetch_file(
    url: str, part: Path, size: int, patience: Patience, on_bytes: OnBytes, say: Say
) -> int:
    """Bring the `size` bytes at `url` to `part`; what is there of them is not asked for again.

    An interrupted or failed call leaves what came, and the server's ETag in a file beside it: only
    of the same content the rest is taken. Whether the bytes are the right ones is not known here.

    Returns:
        How many bytes came by this call.

    Raises:
        Unreachable: the server refuses, gives another size, or no pause helped.
        OSError: the file cannot be written.
    """
    transfer = _Transfer(url, part, size, patience, on_bytes)
    if bytes_in(part) > size:
        part.unlink()
    if bytes_in(part) < size:
        _patiently(transfer.go_on, patience, lambda: bytes_in(part), say)
    transfer.tag.unlink(missing_ok=True)
    return transfer.received


def bytes_in(path: Path) -> int:
    """The size of a file; 0 where there is none."""
    return path.stat().st_size if path.exists() else 0


class _Transfer:
    """The attempts at one file."""

    def __init__(self, url: str, part: Path, size: int, patience: Patience, on_bytes: OnBytes):
        self._url, self._part, self._size = url, part, size
        self._patience, self._on_bytes = patience, on_bytes
        self.received = 0
        self.tag = part.with_name(f"{part.name}.etag")

    def go_on(self) -> None:
        """One attempt, from where the file ends."""
        had = bytes_in(self._part)
        with self._rest(had) as response:
            start, length = _extent(response)
            if start not in (0, had):
                self._part.unlink()
                raise _Again(f"{_host(self._url)}: the answer begins at byte {start}, not {had}")
            if length is not None and start + length != self._size:
                raise Unreachable(
                    f"{_host(self._url)}: the file has {start + length} bytes there, "
                    f"and should have {self._size}"
                )
            self._write(response, start)

    def _rest(self, had: int) -> HTTPResponse:
        headers = {}
        if had:
            headers["Range"] = f"bytes={had}-"
            if self.tag.exists():
                headers["If-Range"] = self.tag.read_text(encoding="latin-1")
        try:
            return _open(self._url, headers, self._patience)
        except Unreachable as refused:
            if had and refused.status == RANGE_NOT_SATISFIABLE:
                self._part.unlink()
                raise _Again(f"{_host(self._url)}: the file is shorter there") from refused
            raise

    def _write(self, response: HTTPResponse, start: int) -> None:
        with self._part.open("ab" if start else "wb") as file:
            if not start:  # the file is empty by now: no tag ever stands beside other content
                self._keep_tag(response)
            there = start
            for block in _blocks(response, self._url, self._patience):
                file.write(block[: self._size - there])
                there += len(block)
                self.received += len(block)
                self._on_bytes(self.received, max(self._size - there, 0))
                if there >= self._size:  # what a connection does after the last byte is no matter
                    return
        raise _Again(f"{_host(self._url)}: the connection ended at {there} of {self._size} bytes")

    def _keep_tag(self, response: HTTPResponse) -> None:
        tag = response.headers.get("ETag", "")
        if tag.startswith('"'):  # a weak one (W/) promises no equal bytes
            self.tag.write_text(tag, encoding="latin-1")
        else:
            self.tag.unlink(missing_ok=True)


def _patiently(
    attempt: Callable[[], T],
    patience: Patience,
    there: Callable[[], int],
    say: Say,
    final: type[_Again] | tuple[()] = (),
) -> T:
    """What an attempt returns; after all pauses without a byte more than ever, its error."""
    pauses, most = iter(patience.pauses), there()
    while True:
        try:
            return attempt()
        except final:
            raise
        except _Again as again:
            if there() > most:
                pauses, most = iter(patience.pauses), there()
            pause = next(pauses, None)
            if pause is None:
                raise
            pause = max(pause, min(again.pause, patience.longest))
            say(f"{again}; again in {pause:g} s")
            time.sleep(pause)


def _open(url: str, headers: dict[str, str], patience: Patience) -> HTTPResponse:
    """The server's answer to a GET; of the web alone, for a listing could name a local file."""
    opener = request.OpenerDirector()
    for handler in (
        *(request.ProxyHandler(), request.HTTPHandler(), request.HTTPSHandler()),
        *(request.HTTPRedirectHandler(), request.HTTPErrorProcessor()),
        *(request.HTTPDefaultErrorHandler(), request.UnknownHandler()),
    ):
        opener.add_handler(handler)
    asked = request.Request(url, headers={"User-Agent": "dagm-transfer", **headers})  # noqa: S310
    with _network(url, patience):
        response: HTTPResponse = opener.open(asked, timeout=patience.silence)
    return response


def _blocks(response: HTTPResponse, url: str, patience: Patience) -> Iterator[bytes]:
    while True:
        with _network(url, patience):
            block = response.read1(BLOCK)  # what has come: a lost connection loses nothing of it
        if not block:
            return
        yield block


@contextmanager
def _network(url: str, patience: Patience) -> Iterator[None]:
    """What a connection does wrong, told apart from what a disk does: both raise OSError."""
    host = _host(url)
    try:
        yield
    except HTTPError as error:
        error.close()
        said = f"{host}: HTTP {error.code} {error.reason}"
        if error.code == TOO_MANY_REQUESTS or error.code >= SERVER_ERRORS:
            raise _Again(said, _seconds(error.headers.get("Retry-After", ""))) from error
        raise Unreachable(said, error.code) from error
    except URLError as error:
        cause = error.reason if isinstance(error.reason, OSError) else error
        raise _NoConnection(f"{host}: {_said(cause, patience)}") from error
    except (OSError, HTTPException) as error:
        raise _Again(f"{host}: {_said(error, patience)}") from error


def _said(error: Exception, patience: Patience) -> str:
    if isinstance(error, TimeoutError):
        return f"no byte in {patience.silence:g} s"
    return getattr(error, "strerror", None) or reason(error)


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _seconds(asked: str) -> float:
    """Of a Retry-After; one that is a date counts as none."""
    return float(asked) if asked.isdecimal() else 0.0


def _extent(response: HTTPResponse) -> tuple[int, int | None]:
    """The first byte of an answer in the file, and how many come, where the server says it."""
    span = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    length = response.headers.get("Content-Length", "")
    return int(span[1]) if span else 0, int(length) if length.isdecimal() else None
