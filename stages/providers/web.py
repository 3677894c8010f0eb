"""HTTP for all services that have no library of their own that is worth having."""

import json
import logging
import re
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeAlias

import attrs

from stages.core.frozen import FrozenMap
from stages.core.problem import ProviderError
from stages.providers.errors import (
    BadAnswer,
    Denied,
    Misconfigured,
    NotFound,
    QuotaExhausted,
    RateLimited,
    Rejected,
    Unavailable,
)
from stages.providers.vendor import blotted, line_of, no_page, seconds_asked

# Where nobody has set up logging, what stamina logs of each retry would be printed.
logging.getLogger("stamina").addHandler(logging.NullHandler())

Judge: TypeAlias = Callable[[int, bytes], ProviderError | None]
"""Says which of our errors a service's own error is, by status and body; None where it is a usual one."""

_LATER = "run it again later"
_BY_STATUS: Mapping[int, tuple[type[ProviderError], str]] = FrozenMap(
    {
        401: (Denied, "look at the key"),
        402: (QuotaExhausted, "look at the billing of the account"),
        403: (Denied, "look at what the key may do"),
        404: (NotFound, ""),
        408: (Unavailable, _LATER),
        410: (NotFound, ""),
        425: (Unavailable, _LATER),
        429: (RateLimited, "run it again later, or with fewer at once"),
    }
)
_OF_A_FILE: Mapping[int, tuple[type[ProviderError], str]] = FrozenMap(
    {401: (Rejected, ""), 402: (Rejected, ""), 403: (Rejected, "")}
)
"""A file that is shut off is one file: it says nothing about the next one."""

_ERROR = 400
_SERVER_ERROR = 500
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SAME_METHOD = frozenset({307, 308})
_MOST_REDIRECTS = 5
_MOST_OF_AN_ANSWER = 100_000_000
_MOST_OF_AN_ERROR = 100_000
_DRIPPING = 10
"""So many times the patience for the next piece, the whole of a body may take."""


def _usual(_: int, __: bytes) -> None:
    return None


def _fixed(headers: Mapping[str, str]) -> FrozenMap[str, str]:
    return FrozenMap(headers)


def _found(secrets: Iterable[str]) -> tuple[str, ...]:
    return tuple(secret for secret in secrets if secret)


class _Shared:
    """What all threads that use one `Web` share."""

    def __init__(self) -> None:
        self.making = threading.Lock()
        self.client: Any = None
        self._turns = threading.Lock()
        self._next = 0.0

    def wait_turn(self, spacing: float) -> None:
        """Wait until the last request is so many seconds ago."""
        if not spacing:
            return
        with self._turns:
            now = time.monotonic()
            mine = max(now, self._next)
            self._next = mine + spacing
        time.sleep(mine - now)


@attrs.frozen(slots=False)
class Web:
    """
    HTTP to one service: patient with what passes, strict about what comes.

    It may be used from many threads at once, which share its connections. A copy in another process
    has no secrets, and no header that holds one: whoever has the key makes its own there.

    Attributes:
        whom: What messages call the service, such as "Forvo".
        headers: Sent with each request to the service; of them, a file elsewhere gets `User-Agent`.
        secrets: Are blotted out of whatever is said, and of the log of the HTTP library.
        timeout: Seconds that are waited for a connection, or for the next piece of an answer.
        attempts: How often the same is asked at most while what is wrong may pass.
        longest_wait: In seconds; who asks us to wait longer is not waited for.
        spacing: The least seconds between two requests.
        judge: Knows the service's own errors.
    """

    whom: str
    headers: Mapping[str, str] = attrs.field(
        default=FrozenMap(), converter=_fixed, kw_only=True, repr=False
    )
    secrets: tuple[str, ...] = attrs.field(
        default=(), converter=_found, kw_only=True, repr=False, eq=False
    )
    timeout: float = attrs.field(default=30.0, kw_only=True)
    attempts: int = attrs.field(default=4, kw_only=True)
    longest_wait: float = attrs.field(default=60.0, kw_only=True)
    spacing: float = attrs.field(default=0.0, kw_only=True)
    judge: Judge = attrs.field(default=_usual, kw_only=True, repr=False, eq=False)
    _shared: _Shared = attrs.field(factory=_Shared, init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        """
        Find what is missing before anything is asked.

        Raises:
            Misconfigured: A library is not installed, or a header cannot be sent.
        """
        try:
            import httpx2  # noqa: F401
            import stamina  # noqa: F401
        except ImportError as error:
            why = f"{self.whom} needs a library that cannot be loaded ({error})"
            raise Misconfigured(why, 'pip install "fluent-stages[web]"') from None
        for name, value in self.headers.items():
            if not re.fullmatch(r"[ -~]*", value):
                why = f"the header {name} for {self.whom} has a line end or a letter beyond ASCII in it"
                raise Misconfigured(why, "write it with the letters of English")

    def __getstate__(self) -> dict[str, Any]:
        kept = {
            name: value
            for name, value in self.headers.items()
            if blotted(value, self.secrets) == value
        }
        return {**self.__dict__, "headers": FrozenMap(kept), "secrets": (), "_shared": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _shared=_Shared())

    def __copy__(self) -> "Web":
        return self

    def __deepcopy__(self, _: dict[int, Any]) -> "Web":
        return self

    def get(self, url: str, params: Mapping[str, str | int] | None = None) -> bytes:
        """
        Ask the service for something, and give its answer as it came.

        Raises:
            BadAnswer: The address is none, or what came is too much.
            RateLimited, Unavailable: It is so for now, and patience is at an end.
            Denied, QuotaExhausted, NotFound, Rejected: The service says so.
        """
        return self._patient(lambda: self._answer("GET", url, params=params))

    def post(self, url: str, body: object) -> bytes:
        """Ask the service by a body, which is sent as JSON; raises what `get` raises."""
        content = json.dumps(body, ensure_ascii=False, allow_nan=False)
        sent = {"content-type": "application/json"}
        return self._patient(
            lambda: self._answer("POST", url, content=content.encode(), headers=sent)
        )

    def file(self, url: str, most: int = 20_000_000) -> bytes:
        """
        Give the bytes of a picture or a sound, wherever it lies; redirects are followed.

        Args:
            url: Where. It gets no header of ours but `User-Agent`.
            most: So many bytes are too many.

        Raises:
            BadAnswer: The address is none, or the file is empty or too large.
            NotFound, Rejected: It is not there, or shut off.
            RateLimited, Unavailable: It is so for now, and patience is at an end.
        """
        return self._patient(lambda: self._file(url, most))

    def safe(self, error: ProviderError) -> ProviderError:
        """Give an error without a secret in it, whatever the service has put there."""
        return type(error)(self._safe(error.why), self._safe(error.hint))

    def _patient(self, ask: Callable[[], bytes]) -> bytes:
        """Ask until it is answered, or what is wrong does not pass."""
        import stamina

        try:
            for attempt in stamina.retry_context(
                on=_again, attempts=self.attempts, timeout=None, wait_initial=0.5, wait_max=8.0
            ):
                with attempt:
                    return ask()
        except _Passing as passing:
            raise passing.error from None
        raise AssertionError("it is answered, or raises")

    def _answer(self, method: str, url: str, **sent: Any) -> bytes:
        headers = {**self.headers, **sent.pop("headers", {})}
        asked = self._checked(url)
        for _ in range(_MOST_REDIRECTS + 1):
            with self._asked(method, asked, headers=headers, **sent) as response:
                if response.status_code not in _REDIRECTS:
                    content = self._content(response, _MOST_OF_AN_ANSWER, _BY_STATUS, self.whom)
                    return no_page(content, self.whom)
                target = self._target(response)
                faithful = method == "GET" or response.status_code in _SAME_METHOD
                downgraded = asked.scheme == "https" and target.scheme == "http"
                if target.netloc != asked.netloc or downgraded or not faithful:
                    why = f"{self.whom} sends us on to {line_of(target.host, 100)}"
                    raise Unavailable(why, "look at its address")
                asked, sent = target, {**sent, "params": None}
        raise Unavailable(f"{self.whom} sends us on and on", "look at its address")

    def _file(self, url: str, most: int) -> bytes:
        headers = {
            name: value for name, value in self.headers.items() if name.lower() == "user-agent"
        }
        asked = self._checked(url)
        by_status = {**_BY_STATUS, **_OF_A_FILE}
        for _ in range(_MOST_REDIRECTS + 1):
            where = f"{self.whom}: {asked.host}"
            with self._asked("GET", asked, headers=headers) as response:
                if response.status_code in _REDIRECTS:
                    asked = self._target(response)
                    continue
                content = self._content(response, most, by_status, where)
            if not content:
                raise BadAnswer(self._safe(f"{where} gave an empty file"))
            return content
        raise BadAnswer(self._safe(f"{where} sends us on and on for a file"))

    @contextmanager
    def _asked(self, method: str, url: Any, **sent: Any) -> Iterator[Any]:
        """Send a request, and give the response, whose body is still to be read."""
        import httpx2

        self._shared.wait_turn(self.spacing)
        request = self._client.build_request(method, url, **sent)
        try:
            with closing(self._sent(request)) as response:
                yield response
        except httpx2.DecodingError:
            raise _Passing(Unavailable(f"{self.whom} gave a garbled answer", _LATER)) from None
        except httpx2.TransportError as error:
            what = "timed out" if isinstance(error, httpx2.TimeoutException) else "broke off"
            why = f"the connection to {self.whom} {what}: {type(error).__name__}"
            raise _Passing(Unavailable(why, "look at the network, then run it again")) from None

    def _sent(self, request: Any) -> Any:
        try:
            return self._client.send(request, stream=True)
        except (ValueError, OverflowError):  # a port or a host name beyond all bounds
            raise self._no_address(request.url) from None

    def _content(
        self,
        response: Any,
        most: int,
        by_status: Mapping[int, tuple[type[ProviderError], str]],
        where: str,
    ) -> bytes:
        """Give the body of an answer, unless it is an error or too large."""
        status = response.status_code
        if status >= _ERROR:
            try:
                content = _read(response, _MOST_OF_AN_ERROR, self.timeout)
            except _TooMuchError as much:
                content = much.content
            raise self._error(response, content, by_status, where)
        if status // 100 != 2:  # noqa: PLR2004
            raise BadAnswer(self._safe(f"{where} answered {status}, which nobody asked for"))
        try:
            return _read(response, most, self.timeout)
        except _TooMuchError:
            raise BadAnswer(self._safe(f"{where} gave more than {most} bytes")) from None

    def _error(
        self,
        response: Any,
        content: bytes,
        by_status: Mapping[int, tuple[type[ProviderError], str]],
        where: str,
    ) -> Exception:
        """Give the error for an answer that is one."""
        status = response.status_code
        if judged := self.judge(status, content):
            return self.safe(judged)
        otherwise = (Unavailable, _LATER) if status >= _SERVER_ERROR else (Rejected, "")
        kind, hint = by_status.get(status, otherwise)
        said = line_of(self._safe(said_in(content.decode("utf-8", "replace"))))
        why = self._safe(f"{where} answered {status}") + (f": {said}" if said else "")
        if not issubclass(kind, (RateLimited, Unavailable)):
            return kind(why, hint)
        wait = seconds_asked(response.headers)
        if wait is not None and wait > self.longest_wait:
            asks = (
                f"asks to wait {wait:.0f} seconds, and at most {self.longest_wait:.0f} are waited"
            )
            return kind(f"{why}; it {asks}", _LATER)
        return _Passing(kind(why, hint), wait)

    def _checked(self, url: str, base: Any = None) -> Any:
        """Give an address that can be asked, parsed."""
        import httpx2

        try:
            parsed = base.join(url) if base else httpx2.URL(url)
        except (httpx2.InvalidURL, TypeError, ValueError):
            raise self._no_address(url) from None
        if parsed.scheme not in ("http", "https") or not parsed.host or parsed.userinfo:
            raise self._no_address(url)
        return parsed

    def _target(self, response: Any) -> Any:
        """Give the address that a redirect leads to."""
        return self._checked(response.headers.get("location", ""), response.request.url)

    def _no_address(self, url: object) -> BadAnswer:
        shown = line_of(re.sub(r"//[^/]*@", "//…@", self._safe(str(url))), 100)
        return BadAnswer(f"{self.whom}: {shown!r} is no address of a file or a service")

    def _safe(self, text: str) -> str:
        return blotted(text, self.secrets)

    @property
    def _client(self) -> Any:
        """The HTTP library's client; the first who asks makes it."""
        with self._shared.making:
            if self._shared.client is None:
                self._shared.client = self._new_client()
            return self._shared.client

    def _new_client(self) -> Any:
        import httpx2

        client = httpx2.Client(
            timeout=httpx2.Timeout(self.timeout, pool=None),
            # As many connections as there are threads, and none of them is closed in between.
            limits=httpx2.Limits(max_keepalive_connections=64, keepalive_expiry=30.0),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )
        weakref.finalize(self._shared, client.close)
        if self.secrets:
            # The library logs the address of each request, and there are keys that stand in one.
            log, blot = logging.getLogger("httpx2"), _Blot(self.secrets)
            log.addFilter(blot)
            weakref.finalize(self._shared, log.removeFilter, blot)
        return client


def said_in(text: str) -> str:
    r"""
    Find what a service says in the body of an error, unabridged; of a web page, nothing.

    >>> said_in('{"error": {"message": "no such model", "code": 7}}'), said_in('["Limit reached."]')
    ('no such model', 'Limit reached.')
    >>> said_in("upstream broke\nbadly"), said_in("<html>Sorry</html>")
    ('upstream broke', '')
    """
    try:
        return _told(json.loads(text))
    except (ValueError, RecursionError):
        lines = text.strip().splitlines()
        return lines[0] if lines and not lines[0].startswith("<") else ""


_SAYING = ("message", "detail", "error", "errors", "description", "title")


def _told(value: object) -> str:
    """Find the text in a JSON value that says what went wrong."""
    match value:
        case str():
            return value
        case [first, *_]:
            return _told(first)
        case dict():
            told = (_told(value[name]) for name in _SAYING if name in value)
            return next(filter(None, told), "")
        case _:
            return ""


class _Passing(Exception):
    """What may be otherwise in a moment, with the seconds that we are asked to wait."""

    def __init__(self, error: ProviderError, wait: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait = wait


class _TooMuchError(Exception):
    """A body went on and on."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.content = content


def _again(error: Exception) -> bool | float:
    """Tell whether to ask again, and after how many seconds where that is known."""
    if not isinstance(error, _Passing):
        return False
    return True if error.wait is None else error.wait


def _read(response: Any, most: int, timeout: float) -> bytes:
    """Read a body, as far as it goes."""
    import httpx2

    until = time.monotonic() + _DRIPPING * timeout
    content = bytearray()
    for piece in response.iter_bytes():
        content += piece
        if len(content) > most:
            raise _TooMuchError(bytes(content[:most]))
        if time.monotonic() > until:
            raise httpx2.ReadTimeout("it drips")
    return bytes(content)


class _Blot(logging.Filter):
    """Blots secrets out of what is logged."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        super().__init__()
        self._secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without a secret."""
        said = record.getMessage()
        if (safe := blotted(said, self._secrets)) != said:
            record.msg, record.args = safe, ()
        return True
