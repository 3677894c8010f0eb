"""The note types of the decks made here: their fields, templates and look."""

from stages.records.note import (
    CREDIT_FIELD,
    ID_FIELD,
    LANGUAGE_FIELD,
    PICTURE_FIELD,
    SOUND_FIELD,
    NoteType,
    Template,
)

_CSS = """\
.card {
  --ink: #24292f; --quiet: #6a737d; --line: #dfe3e8; --accent: #1f6f8b;
  font-family: "Helvetica Neue", "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif;
  font-size: 20px; line-height: 1.45; text-align: center;
  color: var(--ink); background: #fbfaf7; margin: 0; padding: 16px;
}
.card.nightMode, .nightMode .card, .night_mode .card, .card.night_mode {
  --ink: #e6e4df; --quiet: #9aa0a6; --line: #3c4043; --accent: #7cc4de; background: #202124;
}
.side { max-width: 32em; margin: 0 auto; }
.picture img { max-width: 100%; max-height: 38vh; height: auto; border-radius: 12px; }
.word { font-size: 1.9em; font-weight: 600; color: var(--accent); margin: .4em 0 0; }
.ipa { font-family: "Charis SIL", "Doulos SIL", "Noto Sans", "DejaVu Sans", sans-serif;
  color: var(--quiet); }
.gapped { font-size: 1.25em; margin: .8em 0; }
.definition { font-size: 1.25em; margin: .8em 0; }
.answer { border: 0; border-top: 1px solid var(--line); margin: 1em 0; }
.example { font-style: italic; margin: .6em 0; }
.context, .usage { color: var(--quiet); font-size: .85em; }
.credit { color: var(--quiet); font-size: .6em; margin-top: 1.6em; }
"""

_BACK = """\
<div class="word">{{Word}}</div>
{{#IPA}}<div class="ipa">{{IPA}}</div>{{/IPA}}
"""

_FOOT = """\
{{#Usage}}<div class="usage">{{Usage}}</div>{{/Usage}}
{{#Credit}}<div class="credit">{{Credit}}</div>{{/Credit}}
"""


def _side(body: str, needs: str = "") -> str:
    """Give a side in the card's language; a front is empty without the field that it asks about."""
    side = f'<div class="side" dir="auto" lang="{{{{Language}}}}">\n{body}</div>\n'
    return f"{{{{#{needs}}}}}{side}{{{{/{needs}}}}}" if needs else side


_COMPREHENSION = Template(
    name="Comprehension",
    front=_side(
        """\
<div class="sound">{{Sound}}</div>
<div class="picture">{{Picture}}</div>
<div class="gapped">{{Gapped}}</div>
""",
        "Gapped",
    ),
    back=_side(
        """\
<div class="picture">{{Picture}}</div>
"""
        + _BACK
        + """\
<div class="sound">{{Sound}}</div>
<hr class="answer" id="answer">
<div class="definition">{{Definition}}</div>
<div class="example">{{Example}}</div>
<div class="context">{{Context}}</div>
"""
        + _FOOT
    ),
)

_RECALL = Template(
    name="Recall",
    front=_side(
        """\
<div class="picture">{{Picture}}</div>
<div class="definition">{{Definition}}</div>
<div class="context">{{Context}}</div>
""",
        "Definition",
    ),
    back=_side(
        """\
<div class="picture">{{Picture}}</div>
<hr class="answer" id="answer">
"""
        + _BACK
        + """\
<div class="sound">{{Sound}}</div>
<div class="example">{{Example}}</div>
"""
        + _FOOT
    ),
)

VOCABULARY_NOTE = NoteType(
    name="Stages Vocabulary",
    fields=(
        ID_FIELD,
        "Word",
        "IPA",
        "Context",
        "Definition",
        "Example",
        "Gapped",
        "Usage",
        PICTURE_FIELD,
        SOUND_FIELD,
        CREDIT_FIELD,
        LANGUAGE_FIELD,
    ),
    templates=(_COMPREHENSION, _RECALL),
    css=_CSS,
)
"""Two cards a meaning: understand the word that is heard, and recall it from its picture."""

_PRODUCTION = Template(
    name="Production",
    front=_side(
        """\
<div class="picture">{{Picture}}</div>
<div class="gapped">{{Sentence}}</div>
<div class="verb">{{Infinitive}}</div>
<div class="context">{{Extra}}</div>
""",
        "Infinitive",
    ),
    back=_side(
        """\
<div class="picture">{{Picture}}</div>
<div class="verb">{{Infinitive}}</div>
<div class="context">{{Extra}}</div>
<hr class="answer" id="answer">
<div class="word">{{Form}}</div>
<div class="sound">{{Sound}}</div>
<div class="example">{{Example}}</div>
{{#Credit}}<div class="credit">{{Credit}}</div>{{/Credit}}
"""
    ),
)

_RECOGNITION = Template(
    name="Recognition",
    front=_side(
        """\
<div class="sound">{{Sound}}</div>
<div class="word">{{Form}}</div>
<div class="example">{{Example}}</div>
""",
        "Add Reverse",
    ),
    back=_side(
        """\
<div class="picture">{{Picture}}</div>
<div class="word">{{Form}}</div>
<div class="example">{{Example}}</div>
<hr class="answer" id="answer">
<div class="verb">{{Infinitive}}</div>
<div class="context">{{Extra}}</div>
<div class="sound">{{Sound}}</div>
{{#Credit}}<div class="credit">{{Credit}}</div>{{/Credit}}
"""
    ),
)

CONJUGATION_NOTE = NoteType(
    name="Stages Conjugation",
    fields=(
        ID_FIELD,
        "Form",
        "Infinitive",
        "Sentence",
        "Example",
        "Extra",
        "Add Reverse",
        PICTURE_FIELD,
        SOUND_FIELD,
        CREDIT_FIELD,
        LANGUAGE_FIELD,
    ),
    templates=(_PRODUCTION, _RECOGNITION),
    css=f"{_CSS}.verb {{ font-size: 1.4em; font-weight: 600; margin: .4em 0 0; }}\n",
)
"""A verb form by its infinitive and a sentence; where it is asked for, also the other way round."""

NOTE_TYPES = (VOCABULARY_NOTE, CONJUGATION_NOTE)
"""Every note type of the decks made here."""
