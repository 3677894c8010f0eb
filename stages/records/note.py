"""What Anki holds: note types with their templates, and notes."""

import base64
import hashlib
import html
import re
from collections.abc import Iterator, Mapping

import attrs

from stages.core.frozen import FrozenMap
from stages.records.canonical import canonical_deck, canonical_tags, canonical_text
from stages.records.card import Card
from stages.records.media import Credit, MediaFile

ID_FIELD = "Card ID"
LANGUAGE_FIELD = "Language"
PICTURE_FIELD = "Picture"
SOUND_FIELD = "Sound"
CREDIT_FIELD = "Credit"

CSS = "css"
"""What the look of a note type is called among its texts."""


MEDIA_TAG = re.compile(
    r"""<(?:img|audio|video|source|object)\b(?>"[^"]*"|'[^']*'|[^>])+?\b(?:src|data)="""
    r"""(?:"([^"]+)"|'([^']+)'|([^\s>"']+))[^>]*>?""",
    re.IGNORECASE,
)
"""A tag in which Anki looks for a file; the name stands in the group of its kind of quotes."""

_SOUND = re.compile(r"\[sound:([^\]]+)\]")
_ELSEWHERE = re.compile(r"(?:[a-z]+:)?//|data:", re.IGNORECASE)


@attrs.frozen
class Template:
    """One card of a note type: its two sides in Anki's template language."""

    name: str
    front: str
    back: str


@attrs.frozen(kw_only=True)
class NoteType:
    """
    What the notes of one kind have in common.

    Attributes:
        name: Unique in a collection; Anki shows it.
        fields: In order; the first one identifies the note.
        templates: One card each, in order.
        css: Shared by all templates.
    """

    name: str
    fields: tuple[str, ...]
    templates: tuple[Template, ...]
    css: str = ""

    @property
    def texts(self) -> dict[str, str]:
        """
        The look and every side by a name, such as "css" and "Recall.front".

        >>> NoteType(name="T", fields=("A",), templates=(Template("B", "{{A}}", "x"),)).texts
        {'css': '', 'B.front': '{{A}}', 'B.back': 'x'}
        """
        sides = {
            f"{one.name}.{side}": text
            for one in self.templates
            for side, text in (("front", one.front), ("back", one.back))
        }
        return {CSS: self.css, **sides}

    def with_texts(self, texts: Mapping[str, str]) -> "NoteType":
        """Give it with these for its `texts`; what is not among them stays."""
        stands = {**self.texts, **texts}
        templates = tuple(
            Template(one.name, stands[f"{one.name}.front"], stands[f"{one.name}.back"])
            for one in self.templates
        )
        return attrs.evolve(self, templates=templates, css=stands[CSS])


@attrs.frozen(kw_only=True)
class Note:
    """
    One note in its canonical form: what is written is what would be read back.

    Attributes:
        guid: Anki knows the note again by it, whatever its fields say.
        note_type: The name of its note type.
        deck: The full name of its deck, levels apart by "::".
        fields: HTML, by field name; every field of the note type.
        tags: Without blanks, sorted.
    """

    guid: str
    note_type: str
    deck: str
    fields: FrozenMap[str, str]
    tags: tuple[str, ...] = ()


def note_guid(language: str, note_type: str, card_id: str) -> str:
    """
    Give the guid that the note of a card has for ever.

    >>> note_guid("es-419", "Vocabulary", "casa_home")
    'r4GK9Qc5tlY'
    """
    key = f"{language}\x1f{note_type}\x1f{card_id}"
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def note_of(  # noqa: PLR0917  # in the order in which they stand on a card
    card: Card,
    note_type: NoteType,
    deck: str,
    picture: MediaFile | None,
    sound: MediaFile | None,
    example: MediaFile | None = None,
) -> Note:
    """
    Compose the note of a card: its texts escaped, its picture and sounds as whole tags.

    Anki finds media only as `<img>` and `[sound:]` in fields, so a bare name would be unused media.
    The sound of the example stands in the field that has the example.
    """
    fields = dict.fromkeys(note_type.fields, "")
    fields.update({name: _as_text(text) for name, text in card.fields.items()})
    example = example if card.example else None
    if example:
        for name in (name for name, text in card.fields.items() if text == card.example):
            fields[name] += f" {_played(example)}"
    fields[ID_FIELD] = _as_text(card.id)
    fields[LANGUAGE_FIELD] = _as_attribute(card.language)
    if picture:
        fields[PICTURE_FIELD] = f'<img src="{picture.name}">'
    if sound:
        fields[SOUND_FIELD] = _played(sound)
    files = (file for file in (picture, sound, example) if file)
    lines = dict.fromkeys(_as_credit(credit) for file in files for credit in file.credits)
    fields[CREDIT_FIELD] = "<br>".join(lines)
    return Note(
        guid=note_guid(card.language, card.note_type, card.id),
        note_type=note_type.name,
        deck=canonical_deck(deck),
        fields=FrozenMap({name: canonical_text(fields[name]) for name in note_type.fields}),
        tags=canonical_tags(card.tags),
    )


def _played(file: MediaFile) -> str:
    """Give what makes Anki play a file, and its further recordings after it."""
    return "".join(f"[sound:{name}]" for name in file.names)


def _as_credit(credit: Credit) -> str:
    """Give the line of a credit; a work that has a title of its own is linked, and so its licence."""
    if not credit.title:
        return _as_text(credit.line)
    parts = (
        (credit.title, credit.source),
        (credit.author, ""),
        (credit.licence, credit.licence_url),
    )
    return " · ".join(_linked(text, address) for text, address in parts if text)


def _linked(text: str, address: str) -> str:
    if not re.match(r"https?://", address):
        return _as_text(text)
    return f'<a href="{_as_attribute(address)}">{_as_text(text)}</a>'


def _as_attribute(text: str) -> str:
    """Give a text as it may stand between double quotes."""
    return _as_text(text).replace('"', "&quot;")


def laid_over(there: Note, note: Note) -> Note:
    """
    Give what becomes of the note that is there when ours is put over it.

    Deck and tags may be the learner's: the deck stays, and tags are only ever added. So ours differs
    from what is there if this does.
    """
    return attrs.evolve(note, deck=there.deck, tags=canonical_tags((*there.tags, *note.tags)))


def media_in(field: str) -> Iterator[str]:
    """
    Name the files that Anki looks for in a field; what lies on the web is none.

    >>> [*media_in('<img src="a&amp;b.png">[sound:c.mp3]<img src="https://example.org/d.png">')]
    ['a&b.png', 'c.mp3']
    """
    shown = (tag[1] or tag[2] or tag[3] for tag in MEDIA_TAG.finditer(field))
    for name in (*shown, *_SOUND.findall(field)):
        if not _ELSEWHERE.match(name):
            yield html.unescape(name)


def _as_text(text: str) -> str:
    """
    Give HTML that Anki shows as this text: what it would play or typeset stays letters too.

    >>> _as_text("[ˈka.sa] <b> [sound:x.mp3]")
    '[ˈka.sa] &lt;b&gt; &#91;sound:x.mp3]'
    """
    escaped = html.escape(text, quote=False)
    return re.sub(
        r"\[(?=sound:|anki:|/?latex\]|/?\${1,2}\])", "&#91;", escaped, flags=re.IGNORECASE
    )
