"""Words as people have spoken them, from Forvo."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import quote

import attrs

from stages.core.frozen import FrozenMap
from stages.core.problem import ProviderError
from stages.providers.door import check_sound
from stages.providers.errors import (
    BadAnswer,
    Denied,
    Misconfigured,
    NotFound,
    QuotaExhausted,
    Rejected,
)
from stages.providers.found import address, asked, forget, gathered, plain
from stages.providers.journal import Answer, Request, Send
from stages.providers.quota import Quota
from stages.providers.source import Free, Grade, Made
from stages.providers.vendor import address_of, blotted, key_of, line_of
from stages.providers.web import Web
from stages.records.card import Card
from stages.records.media import Credit
from stages.records.word import is_whole

Groups: TypeAlias = Sequence[Sequence[str]]
"""Countries by their English names, those that are preferred first."""

AMERICA: Groups = (
    ("Mexico", "Colombia"),
    (
        "Peru",
        "Venezuela",
        "Ecuador",
        "Costa Rica",
        "Bolivia",
        "El Salvador",
        "Guatemala",
        "Honduras",
        "Nicaragua",
        "Panama",
        "Paraguay",
    ),
    # Their "ll" and "y" are not those of our IPA.
    ("Argentina", "Uruguay"),
    # Nor are its "c" and "z".
    ("Spain",),
)
"""For Spanish as it is spoken in America."""

_COUNTRIES = FrozenMap(
    {
        "AR": "Argentina",
        "AT": "Austria",
        "AU": "Australia",
        "BE": "Belgium",
        "BR": "Brazil",
        "CA": "Canada",
        "CH": "Switzerland",
        "CL": "Chile",
        "CO": "Colombia",
        "DE": "Germany",
        "ES": "Spain",
        "FR": "France",
        "GB": "United Kingdom",
        "IE": "Ireland",
        "IT": "Italy",
        "MX": "Mexico",
        "PE": "Peru",
        "PT": "Portugal",
        "US": "United States",
    }
)
"""What Forvo calls the countries that language tags name most."""

_NOW = partial(datetime.now, UTC)

_KEY = "FORVO_API_KEY"
_ADDRESS = "FORVO_BASE_URL"
_USUAL = "https://apifree.forvo.com"
_WHOM = "Forvo"
_TERMS = (
    "Forvo allows so many requests a day, wants 'Pronunciations by Forvo' to be shown, and licenses "
    "its recordings under CC BY-NC-SA unless you pay for a commercial plan. It does not allow them to "
    "be kept longer than your plan says, so that keeping them in a deck is for you to answer for."
)
_RENEWED = "it is renewed at 22:00 UTC; run it again then"
_MOST_WORDS = 3
_ERROR = 400
_LARGEST_FILE = 5_000_000


@attrs.frozen(kw_only=True)
class Pronunciation:
    """
    One recording of a word.

    Attributes:
        id: Forvo's number for it.
        url: Where it lies; for two hours.
        country: Where its speaker is from, in English.
        speaker: The name that its speaker has at Forvo.
        votes: How many judged it.
        positive: How many of them liked it.
        rate: What Forvo makes of that.
    """

    id: int
    url: str = attrs.field(default="", repr=False, eq=False)
    country: str = ""
    speaker: str = ""
    votes: int = 0
    positive: int = 0
    rate: int = 0


def best(found: Iterable[Pronunciation], groups: Groups) -> tuple[Pronunciation, ...]:
    """
    Order recordings: by the group that their country is in, then by what people think of them.

    Whoever is in no group comes last.

    >>> heard = [
    ...     Pronunciation(id=1, country="Spain", positive=9),
    ...     Pronunciation(id=2, country="Mexico", positive=1),
    ...     Pronunciation(id=3, country="Colombia", positive=2),
    ...     Pronunciation(id=4, country="Chile", positive=99),
    ... ]
    >>> [one.id for one in best(heard, AMERICA)]
    [3, 2, 1, 4]
    """
    places = {
        country.casefold(): place
        for place, group in reversed([*enumerate(groups)])
        for country in group
    }
    return tuple(
        sorted(
            found,
            key=lambda one: (
                places.get(one.country.casefold(), len(groups)),
                -one.positive,
                -one.votes,
                -one.rate,
                one.id,
            ),
        )
    )


def groups_of(language: str) -> Groups:
    """
    Give the countries whose speech a language tag asks for.

    >>> groups_of("pt-BR"), groups_of("es-419") == AMERICA, groups_of("es-ES")[0]
    ((('Brazil',),), True, ('Spain',))
    """
    base, *others = language.split("-")
    own = tuple((_COUNTRIES[one.upper()],) for one in others if one.upper() in _COUNTRIES)
    return (*own, *(AMERICA if base.lower() == "es" else ()))


def apart(ranked: Iterable[Pronunciation]) -> tuple[Pronunciation, ...]:
    """
    Bring forward whose speaker, then whose country was not heard yet; the best stays the first.

    >>> ana = Pronunciation(id=1, speaker="ana", country="Mexico")
    >>> luz = Pronunciation(id=3, speaker="luz", country="Mexico")
    >>> eva = Pronunciation(id=4, speaker="eva", country="Peru")
    >>> [one.id for one in apart([ana, attrs.evolve(ana, id=2), luz, eva])]
    [1, 4, 3, 2]
    """
    speakers: Counter[str] = Counter()
    countries: Counter[str] = Counter()
    heard = []
    for one in ranked:
        heard.append((speakers[one.speaker], countries[one.country], one))
        speakers[one.speaker] += 1
        countries[one.country] += 1
    return tuple(one for *_, one in sorted(heard, key=lambda told: told[:2]))


def recordings_in(content: bytes) -> tuple[Pronunciation, ...]:
    """
    Read Forvo's answer to a search; a recording that makes no sense is left out.

    Raises:
        BadAnswer: It is no such answer, or none of its recordings makes sense.
    """
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        answer = None
    match answer:
        case {"items": list() as items}:
            found = [one for item in items for one in _recording_in(item)]
        case {"attributes": {"total": 0 | "0"}}:
            return ()
        case _:
            raise BadAnswer("Forvo answered with something else than a list of recordings")
    if items and not found:
        raise BadAnswer(f"Forvo gave {len(items)} recordings, and none of them can be read")
    return tuple({one.id: one for one in reversed(found)}.values())


def _recording_in(item: Any) -> Iterator[Pronunciation]:
    if not isinstance(item, dict):
        return
    number = _number(item.get("id"))
    url = address(item.get("pathmp3")) or address(item.get("pathogg"))
    if number > 0 and url:
        yield Pronunciation(
            id=number,
            url=url,
            country=plain(item.get("country"), 60),
            speaker=plain(item.get("username"), 60),
            votes=_number(item.get("num_votes")),
            positive=_number(item.get("num_positive_votes")),
            rate=_number(item.get("rate")),
        )


def _number(told: object) -> int:
    """Give a number that may be written as text; 0 for what is none."""
    if isinstance(told, bool) or not re.fullmatch(r"-?\d{1,18}", str(told)):
        return 0
    return int(str(told))


def _said(status: int, content: bytes) -> ProviderError | None:
    """Give the error that Forvo's answer is; None for one that is none, or of which its status says more."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return None
    match answer:
        case [str(said), *_]:
            pass
        case _:
            return None
    why = f"Forvo says: {line_of(said)}"
    if re.search(r"limit", said, re.IGNORECASE):
        return QuotaExhausted(why, _RENEWED)
    if re.search(r"domain|key|auth|account|allowed", said, re.IGNORECASE):
        return Denied(why, f"look at the key in {_KEY}, and at its plan")
    return BadAnswer(why) if status < _ERROR else None


@attrs.frozen(slots=False)
class _Asker:
    """Asks Forvo: for the recordings of a word, or for the audio of one; both count."""

    base: str
    key: str = attrs.field(repr=False, eq=False)
    quota: Quota | None
    web: Web
    links: Mapping[int, str] = attrs.field(repr=False, eq=False)

    def __call__(self, request: Request, label: str) -> Answer:  # noqa: ARG002  # the journal's
        """Give what came, if it is of use; the rest is not worth keeping."""
        if self.quota:
            self.quota.take()
        if request["action"] == "audio":
            content = self.web.file(self.links[request["id"]], _LARGEST_FILE)
            if error := _said(200, content):
                raise self._safe(error)
            check_sound(content)
        else:
            content = self.web.get(self._search(request["word"], request["language"]))
            if error := _said(200, content):
                raise self._safe(error)
            recordings_in(content)
        return Answer(content)

    def _search(self, word: str, language: str) -> str:
        what = f"word/{quote(word, safe='')}/language/{quote(language, safe='')}/order/rate-desc"
        key = quote(self.key, safe="")
        return f"{self.base}/key/{key}/format/json/action/word-pronunciations/{what}"

    def _safe(self, error: ProviderError) -> ProviderError:
        return type(error)(blotted(error.why, [self.key]), error.hint)

    def __reduce__(self) -> tuple[Any, ...]:
        patience: dict[str, Any] = {"timeout": self.web.timeout, "attempts": self.web.attempts}
        return partial(_asker, **patience), (self.base, None, self.quota, self.links)


def _asker(
    base: str,
    api_key: str | None,
    quota: Quota | None,
    links: Mapping[int, str],
    **patience: Any,
) -> _Asker:
    """Make one; where no key travels to, it is the environment's."""
    key = key_of(api_key, _WHOM, _KEY)
    web = Web(_WHOM, secrets=(key,), judge=_said, **patience)
    return _Asker(base, key, quota, web, links)


class _LinksGoneError(Exception):
    """An answer is older than its links live."""


class Forvo(Free):
    """
    The source that finds words as people have spoken them.

    A word takes one request for the search and one for each recording. A word that nobody has spoken
    yet is asked for again in the next month, so that a synthetic voice makes way as soon as somebody
    has. `journaled` makes one that keeps what it was answered. It may be asked from many threads at
    once.

    Attributes:
        language: A BCP 47 tag; cards of the same language are served, wherever it is spoken.
        groups: The countries whose speech is preferred.
        recordings: How many of a word are given, if there are so many.
        send: Takes a request and what it is for, and gives the raw answer.
    """

    name = "forvo"
    grade = Grade.WHOLE
    local = False

    def __init__(
        self,
        *,
        language: str = "es-419",
        api_key: str | None = None,
        agreed: bool = False,
        groups: Groups | None = None,
        recordings: int = 1,
        quota: Quota | None = None,
        base_url: str | None = None,
        timeout: float = 30.0,
        attempts: int = 4,
        now: Callable[[], datetime] = _NOW,
    ) -> None:
        """
        Ask Forvo, by whose terms you abide.

        Args:
            language: A BCP 47 tag.
            api_key: The key; else that of the environment, in `FORVO_API_KEY`.
            agreed: Whether you have read Forvo's terms, and answer for what you do with what comes.
            groups: Countries by their English names, those that are preferred first; left out, they
                are those of the language.
            recordings: How many of a word are wanted, of different speakers if possible.
            quota: Counts the requests of a day.
            base_url: Else that of the environment, in `FORVO_BASE_URL`, else the usual one.
            timeout: Seconds that are waited for a connection, or for the next piece of an answer.
            attempts: How often the same is asked at most while what is wrong may pass.
            now: The clock, for the month.

        Raises:
            Misconfigured: The terms are not agreed to, or the key, a library or the address is
                missing or wrong.
            ValueError: No recording is wanted.
        """
        if agreed is not True:
            raise Misconfigured(_TERMS, "give agreed=True if you agree")
        if recordings < 1:
            raise ValueError(f"{recordings} recordings of a word: at least one is needed")
        self.language = language
        self.groups = groups_of(language) if groups is None else groups
        self.recordings = recordings
        base = address_of(base_url, _WHOM, _ADDRESS, _USUAL).rstrip("/")
        self._links: dict[int, str] = {}
        """Where recordings lie for now: no part of a request, by which the journal knows them."""
        self.send: Send = _asker(
            base, api_key, quota, self._links, timeout=timeout, attempts=attempts
        )
        self._now = now

    def __repr__(self) -> str:
        return f"<Forvo {self.language}>"

    def request(self, card: Card) -> Mapping[str, str] | None:
        """Give the word, whose speech, and the month; None for a sentence or another language."""
        search = self._search(card)
        if search is None:
            return None
        groups = "; ".join(", ".join(group) for group in self.groups)
        search.pop("action")
        return {**search, "groups": groups, "recordings": str(self.recordings)}

    def make(self, card: Card, take: int) -> tuple[Made, ...]:
        """Find the recordings of a word and fetch the best; asking anew begins with the next one."""
        search = self._search(card)
        if search is None:
            raise Rejected(f"{card.word!r:.60} is no word of {self.language}")
        answer = asked(self.send, search, card.word)
        try:
            return self._made(card, take, answer.content, fresh=answer.paid)
        except _LinksGoneError:
            forget(self.send, search)
            content = asked(self.send, search, card.word).content
            return self._made(card, take, content, fresh=True)

    def _search(self, card: Card) -> dict[str, str] | None:
        word, language = " ".join(card.word.split()), _base(self.language)
        spoken = any(map(str.isalnum, word)) and is_whole(word)
        if not spoken or _base(card.language) != language or len(word.split()) > _MOST_WORDS:
            return None
        month = self._now().astimezone(UTC).strftime("%Y-%m")
        return {"action": "search", "word": word, "language": language, "asked": month}

    def _made(self, card: Card, take: int, content: bytes, *, fresh: bool) -> tuple[Made, ...]:
        ranked = best(recordings_in(content), self.groups)
        if not ranked:
            raise NotFound(f"nobody has spoken {card.word!r} for Forvo yet")
        start = take % len(ranked)
        ranked = (*ranked[start:], *ranked[:start])
        return gathered(
            ranked if self.recordings == 1 else apart(ranked),
            partial(self._fetch, card, fresh=fresh),
            wanted=self.recordings,
            nothing=f"none of the {len(ranked)} recordings of {card.word!r} can be had",
        )

    def _fetch(self, card: Card, one: Pronunciation, *, fresh: bool) -> Made:
        self._links[one.id] = one.url
        try:
            content = asked(self.send, {"action": "audio", "id": one.id}, card.word).content
        except (NotFound, Rejected):
            if fresh:
                raise
            raise _LinksGoneError from None
        return Made(
            content=content, credit=_credit(card.word, self.language, one), details=_details(one)
        )


def _base(language: str) -> str:
    return language.partition("-")[0].lower()


def _details(one: Pronunciation) -> FrozenMap[str, str]:
    votes = f"{one.positive} of {one.votes}"
    return FrozenMap(
        {"id": str(one.id), "speaker": one.speaker, "country": one.country, "votes": votes}
    )


def _credit(word: str, language: str, one: Pronunciation) -> Credit:
    """Give the line that Forvo's terms want to be shown."""
    speaker = ", ".join(filter(None, (one.speaker or "unknown", one.country)))
    return Credit(
        title="Pronunciations by Forvo",
        author=f"{speaker} (Forvo)",
        licence="CC BY-NC-SA 3.0",
        source=f"https://forvo.com/word/{quote(' '.join(word.split()), safe='')}/#{_base(language)}",
        licence_url="https://creativecommons.org/licenses/by-nc-sa/3.0/",
    )
