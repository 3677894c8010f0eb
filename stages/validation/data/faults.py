"""What is wrong with one card."""

import re
from collections.abc import Generator, Iterator, Mapping

import attrs

from stages.base.mending import IDENTITIES
from stages.core.problem import Problem, Severity
from stages.records.card import Card
from stages.records.entry import fault_of
from stages.records.meaning import GAP
from stages.records.schema import Schema
from stages.records.tongue import is_foreign, is_in_other_script, scripts_of
from stages.records.word import unaccented
from stages.validation.data.answer import given_away, may_show
from stages.validation.data.gap import gap_faults, hidden_forms, is_well_hidden, regapped
from stages.validation.data.letters import Tidied, oddities, tidied
from stages.validation.data.noun import is_bare_noun
from stages.validation.data.repeats import Repeats, core
from stages.validation.data.sheet import Sheet


def faults_of(sheet: Sheet, schema: Schema | None, repeats: Repeats) -> Iterator[Problem]:
    """
    Give all that is wrong with a card; its sense is judged by the texts that were meant.

    Args:
        sheet: The card.
        schema: What its note type wants; None where nobody said.
        repeats: What was said before it.
    """
    yield from sheet.problems
    card = sheet.card
    if not sheet.is_read:
        return
    if card.id and not sheet.problems:
        yield from repeats.same_card(sheet)
    texts, others = dict(card.fields.items()), card
    if not _is_plain(sheet, texts):
        unread = tuple(_unread(sheet))
        yield from unread
        if unread:
            return
        texts, others = yield from _meant(sheet)
        yield from _in_script(sheet, schema, texts)
    if not schema:
        cores = "", core(others.example), core(others.prompt)
        yield from repeats.same_texts(sheet, cores, ("", "example"))
        return
    said = _Said(
        sheet=sheet,
        schema=schema,
        word=others.word,
        definition=texts.get(schema.definition, "") if schema.definition else "",
        example=texts.get(schema.example, "") if schema.example else others.example,
        gapped=texts.get(schema.gapped, "") if schema.gapped else "",
    )
    cores = core(said.definition), core(said.example), core(others.prompt)
    yield from _by_rules(said, texts)
    yield from _by_sense(said, texts, cores)
    yield from repeats.same_texts(sheet, cores, (schema.definition, schema.example or "example"))


@attrs.define
class _Said:
    """What a card says that makes its sense, as it was meant."""

    sheet: Sheet
    schema: Schema
    word: str
    definition: str
    example: str
    gapped: str


_ODD = re.compile("[^ -%'-;=-Z\\]-z|}~¡-¬®-ɏ‐-‧€]")
"""What may be wrong in a text of Latin letters: it has to be looked at."""

_PLAIN = bytes(one for one in range(256) if not _ODD.match(chr(one)))


def _is_plain(sheet: Sheet, texts: Mapping[str, str]) -> bool:
    """Tell at one glance that the characters of a card are all right; of most they are."""
    card = sheet.card
    ipa = card.ipa
    several = [text for text in (*texts.values(), card.prompt, card.word) if text and text != ipa]
    return (
        _are_plain(" ".join(several))
        and (ipa.isprintable() and len(ipa) <= _LONGEST and "<" not in ipa and "&" not in ipa)
        and scripts_of(card.language) in _LATIN
    )


def _are_plain(text: str) -> bool:
    """Tell whether nothing can be wrong with Latin texts that are joined by blanks."""
    try:
        odd: object = text.encode("latin-1").translate(None, _PLAIN)  # far quicker than looking
    except UnicodeEncodeError:
        odd = _ODD.search(text)
    if odd or "  " in text or len(text) > _LONGEST:
        return False
    return text[:1] != " " != text[-1:]


_LONGEST = 4_000
_LATIN = ((), ("LATIN",))


def _unread(sheet: Sheet) -> Iterator[Problem]:
    """Find what cannot be written, or looked into in any time."""
    for name, text in (*sheet.card.fields.items(), *_others(sheet)):
        if why := fault_of(text):
            yield Problem("bad-text", sheet.at(name), why, "write it again")


def _others(sheet: Sheet) -> tuple[tuple[str, str], ...]:
    return ("prompt", sheet.card.prompt), ("word", sheet.card.word)


def _meant(sheet: Sheet) -> Generator[Problem, None, tuple[dict[str, str], Card]]:
    """Give the fields of a card, and the card beside them, as they were meant; tell what was wrong."""
    card, texts = sheet.card, {}
    for name, text in card.fields.items():
        texts[name] = yield from _text(sheet, name, text)
    prompt = yield from _text(sheet, "prompt", card.prompt)
    word, example = (_plain(text, card.language).text for text in (card.word, card.example))
    if word != card.word and not card.fields.get("Word", "").endswith(card.word):
        yield from _text(sheet, "word", card.word)
    return texts, attrs.evolve(card, prompt=prompt, word=word, example=example)


def _plain(text: str, language: str) -> Tidied:
    is_latin = scripts_of(language) in _LATIN
    return Tidied(text, {}) if is_latin and _are_plain(text) else tidied(text, language)


def _text(sheet: Sheet, name: str, text: str) -> Generator[Problem, None, str]:
    """Give a text as it was meant, and tell what is wrong with its letters."""
    is_ipa = text == sheet.card.ipa
    tidy = tidied(text, "") if is_ipa else _plain(text, sheet.card.language)
    fix = tidy.text if tidy.certain and _may_change(sheet, name) else None
    hint = "" if fix is not None else "write it again"
    for code, why in tidy.whys.items():
        yield Problem(code, sheet.at(name), why, hint, Severity.WARNING, fix)
    for code, why in () if is_ipa else oddities(tidy.text):
        yield Problem(code, sheet.at(name), why, "write it again", Severity.WARNING)
    return tidy.text


def _may_change(sheet: Sheet, name: str) -> bool:
    """Tell whether a field says nothing of what its card is, and can be told by its path."""
    last = sheet.at(name).rpartition(".")[2]
    return re.fullmatch(r"[^.\[\]]+", name) is not None and not {name, last} & IDENTITIES


def _by_rules(said: _Said, texts: Mapping[str, str]) -> Iterator[Problem]:
    sheet, schema = said.sheet, said.schema
    for name, rule in schema.fields.items():
        text = texts.get(name, "")
        if not text and rule.required:
            fix = _gapped_anew(said) if name == schema.gapped and name in texts else None
            yield Problem("missing-field", sheet.at(name), "it is empty", "fill it in", fix=fix)
        elif text and (rule.pattern or len(text) > rule.most) and (why := rule.fault(text)):
            yield Problem("misfit", sheet.at(name), why, rule.hint, rule.severity)


def _gapped_anew(said: _Said) -> str | None:
    """Give the gapped sentence of a card that has none, if it is certain."""
    gapped = regapped(said.word, said.example, said.sheet.card.language)
    return _by_rule(gapped, said.schema)


def _by_rule(gapped: str | None, schema: Schema) -> str | None:
    """Give a gapped sentence unless it would break the rule of its field."""
    rule = schema.fields.get(schema.gapped)
    return None if gapped and rule and rule.fault(gapped) else gapped


def _by_sense(
    said: _Said, texts: Mapping[str, str], cores: tuple[str, str, str]
) -> Iterator[Problem]:
    """Find what a card says that a learner should not read, or not there."""
    sheet, schema, word = said.sheet, said.schema, said.word
    definition, example, gapped = said.definition, said.example, said.gapped
    card = sheet.card
    forms = hidden_forms(example, gapped) if example and gapped else ()
    if not is_well_hidden(word, forms, gapped):
        faults = tuple(_by_gap(said, forms))
        yield from faults
        gapped = _settled(said, faults) if schema.gapped in texts else gapped
        forms = hidden_forms(example, gapped)
    form = forms[0] if len(forms) == 1 else word
    if definition and example and is_foreign(f"{definition} {example}", card.language):
        yield from _foreign(said)
    context = texts.get(schema.context, "") if schema.context else ""
    if may_show(f"{context} {definition}", word, form):
        yield from _given_away(said, context, form)
    if definition and len(cores[0]) == len(cores[1]) and cores[0].lower() == cores[1].lower():
        at = sheet.at(schema.example)
        yield _warning("example-is-definition", at, "it only repeats the definition")
    if example and example[-1] in "?!" and card.language.startswith("es"):
        yield from _unopened(said)
    is_bare = schema.word and form and texts.get(schema.word) == word
    before = gapped.partition(GAP)[0]
    if is_bare and is_bare_noun(word, form, before, definition, card.language):
        at = f"{sheet.where}.{sheet.names.get('Article', schema.word)}"
        yield _warning("no-article", at, "it is a noun without its article", "give it one")
    if schema.word and card.id and not _is_named(card.id, word):
        why = f"{card.id!r:.60} does not begin with its word, {word!r:.60}, as ids made here do"
        yield _warning("other-id", sheet.where, why, "it may stay: an id is for ever")


def _foreign(said: _Said) -> Iterator[Problem]:
    language = said.sheet.card.language
    if not is_in_other_script(f"{said.definition} {said.example}", language):
        why = f"definition and example are not in {language}: {said.definition!r:.60}"
        at = said.sheet.at(said.schema.definition)
        yield _warning("wrong-language", at, why, "have it written again")


def _given_away(said: _Said, context: str, form: str) -> Iterator[Problem]:
    language = said.sheet.card.language
    for name, text in ((said.schema.context, context), (said.schema.definition, said.definition)):
        if text and (found := given_away(text, said.word, form, language)):
            why = f"it gives {said.word!r:.60} away: {found!r:.60} can be read in it"
            yield _warning("answer-shown", said.sheet.at(name), why, "say it in other words")


def _by_gap(said: _Said, forms: tuple[str, ...]) -> Iterator[Problem]:
    sheet, schema = said.sheet, said.schema
    if said.example and said.gapped:
        names = {"example": schema.example or "example", "gapped": schema.gapped}
        language = sheet.card.language
        for one in gap_faults(said.word, forms, said.example, said.gapped, language):
            at, fix = sheet.at(names[one.part]), _by_rule(one.fix, schema)
            yield Problem(one.code, at, one.why, one.hint, one.severity, fix)
    elif said.gapped and GAP not in said.gapped:
        at, why = sheet.at(schema.gapped), f"one {GAP} was expected, and 0 found"
        yield Problem("no-gap", at, why, f"put {GAP} where the word was")


def _settled(said: _Said, faults: tuple[Problem, ...]) -> str:
    """Give the gapped sentence as it is once what is certain is put right."""
    if not said.gapped and said.schema.gapped in said.schema.fields:
        is_wanted = said.schema.fields[said.schema.gapped].required
        return (_gapped_anew(said) or "") if is_wanted else ""
    fix = next((one.fix for one in faults if one.fix is not None), None)
    if fix is None or fix == said.gapped:
        return said.gapped
    mended = attrs.evolve(said, gapped=fix)
    forms = hidden_forms(said.example, fix)
    return _settled(mended, tuple(_by_gap(mended, forms)))


def _unopened(said: _Said) -> Iterator[Problem]:
    """Find a sentence that asks or calls without the sign that Spanish opens it with."""
    if "¿" not in said.example and "¡" not in said.example:
        at, end = said.sheet.at(said.schema.example or "example"), said.example[-1]
        sign = "¿" if end == "?" else "¡"
        why = f"it ends with {end!r}, and nowhere begins with {sign!r}"
        yield _warning("no-opening", at, why, f"put {sign} where it begins")


def _in_script(sheet: Sheet, schema: Schema | None, texts: Mapping[str, str]) -> Iterator[Problem]:
    """Find texts in other letters than those of the language."""
    language = sheet.card.language
    for name in (schema.definition, schema.example) if schema else ():
        text = texts.get(name, "")
        if text and is_in_other_script(text, language):
            why = f"it is not in the letters of {language}: {text!r:.60}"
            yield _warning("wrong-script", sheet.at(name), why, "have it written again")


def _is_named(name: str, word: str) -> bool:
    """
    Tell whether the id of a card begins with its word.

    >>> _is_named("mas_more", "más"), _is_named("card17", "más")
    (True, False)
    """
    stem = word.replace(" ", "_")
    return name.startswith(f"{stem}_") or unaccented(name).startswith(f"{unaccented(stem)}_")


def _warning(code: str, where: str, why: str, hint: str = "") -> Problem:
    return Problem(code, where, why, hint, Severity.WARNING)
