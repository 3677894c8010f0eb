"""Whether a gapped sentence is its example, with a gap where the word is and nowhere else."""

import re
from collections.abc import Iterator

import attrs

from stages.core.problem import Severity
from stages.records.meaning import GAP, gapped_form, hiding
from stages.records.tongue import small_words
from stages.records.word import unaccented
from stages.validation.data.answer import is_akin, is_other_accent


@attrs.frozen
class Fault:
    """What is wrong with a sentence: code, the part that has it, why, hint, and a fix if certain."""

    code: str
    part: str
    why: str
    hint: str = ""
    fix: str | None = None
    severity: Severity = Severity.WARNING


_MOST_GAPS = 8


def hidden_forms(example: str, gapped: str) -> tuple[str, ...]:
    """
    Give what each gap hides; nothing where the gapped sentence does not fit the example.

    >>> hidden_forms("Er macht das Fenster auf.", "Er _____ das Fenster _____.")
    ('macht', 'auf')
    >>> hidden_forms("Mi casa.", "Tu _____."), hidden_forms("Mi casa.", "Mi _____.")
    ((), ('casa',))
    """
    before, gap, after = gapped.partition(GAP)
    if gap and GAP not in after:
        end = len(example) - len(after)
        form = example[len(before) : end]
        fits = example.startswith(before) and example.endswith(after) and end >= len(before)
        return (form,) if fits and form and form == form.strip() else ()
    number = gapped.count(GAP)
    if not 0 < number <= _MOST_GAPS:
        return ()
    if form := gapped_form(example, gapped):
        return (form,) * number
    first, *parts = gapped.split(GAP)
    forms, at = [], len(first)
    for place, part in enumerate(parts):
        is_last = place == len(parts) - 1
        end = len(example) - len(part) if is_last else example.find(part, at + 1)
        forms.append(example[at:end])
        at = end + len(part)
    again = first + "".join(form + part for form, part in zip(forms, parts, strict=True))
    whole = all(form and form == form.strip() for form in forms)
    return tuple(forms) if again == example and whole and all(parts[:-1]) else ()


def is_well_hidden(word: str, forms: tuple[str, ...], gapped: str) -> bool:
    """Tell at a glance that nothing is wrong with a gap, as is nearly always so."""
    known = word.casefold()
    return len(forms) == 1 and forms[0].casefold() == known and known not in gapped.casefold()


def gap_faults(
    word: str, forms: tuple[str, ...], example: str, gapped: str, language: str
) -> Iterator[Fault]:
    """
    Give all that is wrong with the gap of a sentence.

    Args:
        word: As it is looked up.
        forms: What the gaps hide, as `hidden_forms` says.
        example: The sentence; it is there.
        gapped: The one with the gap; it is there.
        language: A BCP 47 tag.
    """
    if not forms:
        yield _misfit(word, example, gapped, language)
        return
    if len(forms) > 1 and not _is_one_word(forms, word):
        why = f"the gaps hide different words: {', '.join(map(repr, forms))}"
        hint = f"hide {word!r:.60} alone"
        yield Fault("no-gap", "gapped", why, hint, severity=Severity.ERROR)
        return
    form = forms[0].strip(_SIGNS) if word.strip(_SIGNS) == word else ""
    form = form or forms[0]
    if len(forms) == 1 and not _is_of(form, word):
        why = f"the gap hides {form!r:.60}, which is no form of {word!r:.60}"
        better = regapped(word, example, language)
        yield Fault("gap-misfit", "gapped", why, f"put {GAP} where the word is", better)
    if len(forms) == 1 and form != forms[0]:
        before, _, after = gapped.partition(GAP)
        start, end = forms[0].split(form, 1)
        why = f"the gap hides {forms[0]!r:.60}, with signs that are not of the word"
        fix = f"{before}{start}{GAP}{end}{after}"
        yield Fault("gap-misfit", "gapped", why, f"hide {form!r:.60} alone", fix)
    if len(set(map(str.casefold, forms))) == 1:
        yield from _shown(word, form, gapped, language)
    if is_other_accent(form, word, language):
        why = f"it has {form!r:.60}, and not {word!r:.60}"
        yield Fault("other-accent", "example", why, "write both alike, or make it another word")


_SIGNS = '¿?¡!,;:«»“”"()'


def _shown(word: str, form: str, gapped: str, language: str) -> Iterator[Fault]:
    """Find the answer beside its gap; a small word may stand in a sentence again."""
    plain, small = gapped.casefold(), small_words(language)
    for one in dict.fromkeys((form.casefold(), word.casefold())):
        is_small = len(one) <= _SMALL and one in small
        if one in plain and not is_small and _stands(one, plain):
            why = f"{one!r:.60} can be read beside its gap in {gapped!r:.200}"
            yield Fault("answer-shown", "gapped", why, "write a sentence that has it once")
            return


_SMALL = 3


def _stands(word: str, text: str) -> bool:
    if not word[:1].isalnum():
        return False
    return bool(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text))


def _is_of(form: str, word: str) -> bool:
    """Tell whether any word of a hidden form may be one of the word's."""
    if is_akin(form, word):
        return True
    parts, words = re.findall(r"\w+", form), re.findall(r"\w+", word)
    return any(is_akin(part, one) for part in parts for one in words)


def _is_one_word(forms: tuple[str, ...], word: str) -> bool:
    """
    Tell whether several hidden forms are the parts of one word.

    They are alike, as in `ni … ni`, or all but one are parts of the word: `macht … auf` of aufmachen.

    >>> _is_one_word(("macht", "auf"), "aufmachen"), _is_one_word(("casa", "cosa"), "casa")
    (True, False)
    """
    plain = {unaccented(form) for form in forms}
    if len(plain) == 1:
        return True
    whole = unaccented(word)
    words = set(re.findall(r"\w+", whole))
    others = {
        form
        for form in plain
        if form == whole or not (words & set(re.findall(r"\w+", form)) or _is_end(form, whole))
    }
    return len(others) <= 1 and not (whole in plain and len(plain) > 1)


def _is_end(form: str, word: str) -> bool:
    bare = form.strip("'’-")
    return len(bare) > 0 and (word.startswith(bare) or word.endswith(bare))


def _misfit(word: str, example: str, gapped: str, language: str) -> Fault:
    number = gapped.count(GAP)
    long = re.sub(r"_{2,}", GAP, gapped)
    fix = long if long != gapped and _is_clean(word, example, long, language) else None
    if number != 1:
        if fix is None and "__" not in gapped:
            fix = regapped(word, example, language)
        why = f"one {GAP} was expected, and {number} found"
        hint = f"put {GAP} where the word was"
        return Fault("no-gap", "gapped", why, hint, fix, Severity.ERROR)
    why = f"it is not the example with a gap: {gapped!r:.200} against {example!r:.200}"
    return Fault("gap-misfit", "gapped", why, "write it as the example", fix)


def regapped(word: str, example: str, language: str) -> str | None:
    """Give the example with a gap where the word itself stands, if it stands there just once."""
    if not word or GAP in example:
        return None
    gapped = hiding(word, example)
    once = gapped.count(GAP) == 1
    return gapped if once and _is_clean(word, example, gapped, language) else None


def _is_clean(word: str, example: str, gapped: str, language: str) -> bool:
    """Tell whether there is nothing to say against a gapped sentence."""
    forms = hidden_forms(example, gapped)
    return is_well_hidden(word, forms, gapped) or (
        forms != () and not any(gap_faults(word, forms, example, gapped, language))
    )
