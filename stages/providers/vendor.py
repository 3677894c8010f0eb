"""What all who ask a vendor share: the key, the address, how long to wait, what may be repeated."""

import math
import os
import re
import time
from collections.abc import Iterable, Mapping
from email.utils import mktime_tz, parsedate_tz
from urllib.parse import quote, urlsplit

from stages.providers.errors import Misconfigured, Unavailable


def key_of(given: str | None, whom: str, variable: str) -> str:
    """
    Give the key for a vendor: the one that is given, else that of the environment.

    Raises:
        Misconfigured: There is none, or it cannot be one.
    """
    key = (given or os.environ.get(variable) or "").strip()
    if not key:
        hint = f"set {variable}, or give api_key=…"
        raise Misconfigured(f"there is no key for {whom}: {variable} is not set", hint)
    if not re.fullmatch(r"[!-~]+", key):
        why = f"the key for {whom} has a blank, a line end or a letter beyond ASCII in it"
        raise Misconfigured(why, f"copy it again; without api_key=… it is that of {variable}")
    return key


def address_of(given: str | None, whom: str, variable: str, usual: str) -> str:
    """
    Give the address of a vendor: the one that is given, else that of the environment, else the usual.

    Raises:
        Misconfigured: It is no address.
    """
    address = given or os.environ.get(variable) or usual
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        hint = f"one like {usual}; without base_url=… it is that of {variable}"
        raise Misconfigured(f"there is no {whom} at {address!r:.100}: it is no address", hint)
    return address


def seconds_asked(headers: Mapping[str, str]) -> float | None:
    """
    Give how long a vendor asks us to wait, by Retry-After; None where it does not.

    >>> seconds_asked({"retry-after": "3"}), seconds_asked({"retry-after-ms": "250"})
    (3.0, 0.25)
    >>> seconds_asked({}), seconds_asked({"retry-after": "soon"})
    (None, None)
    """
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            seconds = float(headers.get(name, "")) / unit
        except ValueError:
            continue
        return None if math.isnan(seconds) else max(seconds, 0.0)
    date = parsedate_tz(headers.get("retry-after"))
    try:
        return max(mktime_tz(date) - time.time(), 0.0) if date else None
    except (ValueError, OverflowError):  # a date beyond the calendar
        return math.inf


def blotted(text: str, secrets: Iterable[str]) -> str:
    """
    Give a text without the secrets in it, be they as they are or as they stand in an address.

    >>> blotted("/key/a%2Fb/word says a/b", ["a/b"])
    '/key/…/word says …'
    """
    forms = {form for secret in secrets for form in (secret, *_quoted(secret)) if form}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, "…")
    return text


def _quoted(secret: str) -> tuple[str, ...]:
    return tuple(quote(secret, safe=safe) for safe in ("", "/", "!$&'()*+,;=:@/"))


def line_of(text: object, most: int = 300) -> str:
    r"""
    Give a text from outside as a part of a message: one line, whole characters, not too long.

    >>> line_of("it\nis\x1b[31m \ud83d red"), line_of(["no text"])
    ('it is [31m red', '')
    """
    if not isinstance(text, str):
        return ""
    shown = (letter if letter.isprintable() else " " for letter in text[: 2 * most])
    return " ".join("".join(shown).split())[:most]


def no_page(content: bytes, whom: str) -> bytes:
    """
    Give the content of an answer on, unless it is a web page: that is from somebody between.

    Raises:
        Unavailable: It is one.
    """
    if content[:200].lstrip().startswith(b"<"):
        why = f"a web page came in place of an answer of {whom}"
        raise Unavailable(why, "look for a proxy, or a network that wants a login")
    return content
