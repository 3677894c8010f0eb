"""Pictures and sounds: what a media file is, and how it is named."""

import hashlib
import re
import unicodedata

import attrs


@attrs.frozen(kw_only=True)
class Credit:
    """
    Whose work a file is and under which licence it may be used.

    Attributes:
        author: Who made it.
        licence: Its short name, such as "CC BY 4.0".
        source: The address where it stands.
        title: What it is called there.
        licence_url: The address of the licence.
    """

    author: str
    licence: str
    source: str = ""
    title: str = ""
    licence_url: str = ""

    @property
    def line(self) -> str:
        """
        One line to show beside the work.

        >>> Credit(author="OpenMoji", licence="CC BY-SA 4.0").line
        'OpenMoji · CC BY-SA 4.0'
        >>> Credit(title="Red house", author="Ana", licence="CC BY 4.0").line
        'Red house · Ana · CC BY 4.0'
        """
        return " · ".join(filter(None, (self.title, self.author, self.licence)))

    @property
    def lacks_author(self) -> bool:
        """
        Whether the licence wants the author to be named, and nobody is.

        >>> Credit(author="", licence="CC BY 4.0").lacks_author
        True
        >>> Credit(author="", licence="CC0 1.0").lacks_author
        False
        """
        return not self.author.strip() and re.search(r"\bBY\b", self.licence) is not None


ALWAYS_CREDITED = frozenset({"openmoji", "openverse", "commons", "forvo"})
"""Providers whose every file comes with a credit, be it that of a work in the public domain."""


@attrs.frozen(kw_only=True)
class Recording:
    """A further recording of the same word, played after the first."""

    name: str
    size: int
    credit: Credit | None = None


@attrs.frozen(kw_only=True)
class MediaFile:
    """
    A picture or a sound that lies in the media folder under `name`.

    Attributes:
        name: From `media_name`: equal names are equal bytes.
        size: In bytes.
        provider: Who made it, such as "openmoji".
        credit: None where no licence asks for one.
        stand_in: A placeholder picture: nothing better was there.
        synthetic: A voice that no person spoke.
        outdated: Its card says now what would make another one, by prompt, style or size.
        reasons: Of one that was made just now: why those who were asked before `provider` did not
            give it, and whatever else went wrong on its way.
        others: Further recordings of the same word.
    """

    name: str
    size: int
    provider: str
    credit: Credit | None = None
    stand_in: bool = False
    synthetic: bool = False
    outdated: bool = False
    reasons: tuple[str, ...] = ()
    others: tuple[Recording, ...] = ()

    @property
    def lesser(self) -> bool:
        """Whether it gives way to a better one."""
        return self.stand_in or self.synthetic

    @property
    def names(self) -> tuple[str, ...]:
        """Those of the file and of its further recordings."""
        return self.name, *(other.name for other in self.others)

    @property
    def further(self) -> "tuple[MediaFile, ...]":
        """Its further recordings, each as the file that it is."""
        return tuple(
            MediaFile(name=one.name, size=one.size, provider=self.provider, credit=one.credit)
            for one in self.others
        )

    @property
    def credits(self) -> tuple[Credit, ...]:
        """Those of the file and of its further recordings, where a licence asks for one."""
        every = (self.credit, *(other.credit for other in self.others))
        return tuple(credit for credit in every if credit)


def media_name(stem: str, content: bytes) -> str:
    """
    Name a file after its content, so that equal names are equal bytes on every system Anki runs on.

    The stem is kept for people (ASCII, lower case, at most 40 characters) and the hash for machines;
    with it no name is reserved, too long, or different only by case. The ending follows the bytes.

    Raises:
        ValueError: The bytes are no picture or sound that Anki plays.

    >>> media_name("Niño pequeño", b"GIF89a")
    'nino-pequeno-610f5ae4d76e3326.gif'
    """
    letters = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", letters)[:40].strip("-") or "media"
    return f"{slug}-{hashlib.sha256(content).hexdigest()[:16]}.{extension(content)}"


_SIGNATURES = (
    (rb"\x89PNG\r\n\x1a\n", "png"),
    (rb"\xff\xd8\xff", "jpg"),
    (rb"GIF8[79]a", "gif"),
    (rb"RIFF....WEBP", "webp"),
    (rb"ID3|\xff[\xf2\xf3\xfa\xfb]", "mp3"),
    (rb"OggS", "ogg"),
    (rb"RIFF....WAVE", "wav"),
)


def extension(content: bytes) -> str:
    """
    Tell the true type of a picture or a sound from its first bytes.

    Raises:
        ValueError: None that Anki plays on every device.

    >>> extension(bytes.fromhex("ffd8ffe0"))
    'jpg'
    """
    for signature, ending in _SIGNATURES:
        if re.match(signature, content, re.DOTALL):
            return ending
    raise ValueError(f"neither a picture nor a sound: the first bytes are {content[:12]!r}")


PICTURES = frozenset({"png", "jpg", "gif", "webp"})
"""The endings of pictures."""

SOUNDS = frozenset({"mp3", "ogg", "wav"})
"""The endings of sounds."""

_NAME = re.compile(r"[a-z0-9-]{1,40}-[0-9a-f]{16}\.([a-z0-9]+)")


def is_media_name(name: str, endings: frozenset[str] = PICTURES | SOUNDS) -> bool:
    """
    Tell whether `media_name` may have given this name; then it leads nowhere out of its folder.

    >>> is_media_name("nino-610f5ae4d76e3326.gif")
    True
    >>> is_media_name("../nino-610f5ae4d76e3326.gif")
    False
    """
    match = _NAME.fullmatch(name)
    return match is not None and match[1] in endings


def odd_in(name: str) -> str:
    """
    Tell why Anki would give a file another name; empty where it keeps this one.

    >>> odd_in("con.mp3"), odd_in("casa.mp3")
    ('con is reserved on Windows', '')
    >>> odd_in("Casa.mp3")
    'it has capitals, and AnkiConnect makes them small'
    """
    base = name.partition(".")[0]
    if dropped := sorted(set(_DROPPED.findall(name))):
        return f"it has {', '.join(map(repr, dropped))}"
    if _RESERVED.fullmatch(base):
        return f"{base} is reserved on Windows"
    if len(name.encode("utf-8", "surrogatepass")) > _LONGEST_NAME:
        return f"it is longer than {_LONGEST_NAME} bytes"
    if name != name.strip(" .") or not name:
        return "it begins or ends with a blank or a dot"
    if not unicodedata.is_normalized("NFC", name):
        return "its accents are written apart from their letters"
    if name != name.lower():
        return "it has capitals, and AnkiConnect makes them small"
    return ""


_DROPPED = re.compile(r"""[\\/:*?"<>|\[\]^\x00-\x1f\x7f]""")
_RESERVED = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]", re.IGNORECASE)
_LONGEST_NAME = 100


def content_matches(name: str, content: bytes) -> bool:
    """
    Tell whether these are the bytes that `media_name` named so.

    >>> content_matches("nino-610f5ae4d76e3326.gif", b"GIF89a")
    True
    >>> content_matches("nino-610f5ae4d76e3326.gif", b"GIF89a and more")
    False
    """
    try:
        return name.endswith(media_name("x", content)[1:])
    except ValueError:
        return False
