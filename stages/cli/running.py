"""From words to meanings and what comes then: what `stages build` and `stages media` share."""

import os
from typing import Any

from stages.base.file_stage import load_file
from stages.claude.analysis_stage import analyze_words
from stages.claude.ingestion_stage import ingest_batch
from stages.cli.announced import Announced
from stages.cli.asking import Asking
from stages.cli.call import Call
from stages.cli.given import words_of
from stages.cli.making import Making
from stages.cli.pronouncing import Pronouncing
from stages.cli.said import say_on
from stages.core.context import Context
from stages.core.mapping import threads
from stages.core.outcome import Outcome
from stages.core.pipeline import compose, run
from stages.core.stage import Stage
from stages.pipelines import checked_cards
from stages.providers.files import Files
from stages.records.keys import BATCH, WORDS
from stages.show.progress import TerminalProgress
from stages.validation.reference_stage import look_up_references

_CALLS = 16
"""So much is asked for at once."""


def looked_up(call: Call, asking: Asking, *then: Stage[...]) -> Outcome:
    """Find the meanings of the words, and do what comes then."""
    given = words_of(call.given, "a staged batch is given with --from-batch")
    words = asking.words(given) if given or not call.from_batch else ()
    loaded = (load_file(key=BATCH, path=str(path)) for path in call.from_batch)
    ingested = (part for load in loaded for part in (load, ingest_batch(dry_run=False)))
    pipeline = compose(*ingested, analyze_words(mapper=threads(_CALLS)), *then, name="build")
    provider = asking.provider(dry_run=call.dry_run)
    brief = {"language": call.language, "native": call.asked.native, "most": call.asked.most}
    settings = {"dry_run": call.dry_run} if "dry_run" in pipeline.settings else {}
    try:
        with TerminalProgress(asking.console) as progress:
            return run(
                pipeline.bind(**brief),
                Context.of({WORDS: words} if words else {}),
                observers=[progress],
                analysis_provider=provider,
                **({"max_cost": call.claude.max_cost} if call.claude else {}),
                **settings,
                **({"file_provider": Files()} if call.from_batch else {}),
            )
    finally:
        if isinstance(provider, Announced) and (paid := provider.paid()):
            say_on(asking.console, paid)


def checked(call: Call) -> Stage[...]:
    """
    Give the stage that makes cards of meanings and checks them, once it is found who can be asked.

    Raises:
        ProviderError: A list of how words are spoken cannot be read.
    """
    asked = Pronouncing.of(call.ipa, (call.language,))
    return compose(
        look_up_references(pronunciation_provider=asked), checked_cards, name="checked cards"
    )


def with_media(
    call: Call, asking: Asking, making: Making, context: Context, *stages: Stage[...], **others: Any
) -> Outcome:
    """Make media of the cards of a context by these stages, and say what it costs."""
    providers = making.announced(asking.console)
    pipeline = compose(*stages, name="build")
    usual = {
        "dry_run": call.dry_run,
        "mapper": threads(_CALLS if making.asked else os.cpu_count() or 1),
        "max_new": call.media.max_new,
        "examples": call.media.examples,
        **providers,
    }
    taken = {*pipeline.settings, *pipeline.unbound}
    bindings = {name: value for name, value in usual.items() if name in taken}
    try:
        with TerminalProgress(asking.console) as progress:
            return run(pipeline, context, observers=[progress], **bindings, **others)
    finally:
        for provider in providers.values():
            if paid := provider.paid():
                say_on(asking.console, paid)
