"""The pipelines: stages composed, and nothing else."""

from stages.cards.conjugation_stage import make_conjugation_cards
from stages.cards.vocabulary_stage import make_cards
from stages.claude.analysis_stage import analyze_words
from stages.claude.batch_stage import prepare_batch
from stages.claude.ingestion_stage import ingest_batch
from stages.claude.submission_stage import fetch_batch, submit_batch
from stages.core.pipeline import compose
from stages.media.audio_stage import generate_audio
from stages.media.media_stage import generate_media
from stages.sync.card_stage import sync_cards
from stages.sync.media_sync_stage import sync_media
from stages.sync.template_stage import sync_templates
from stages.validation.data_stage import validate_data
from stages.validation.ipa_stage import validate_ipa
from stages.validation.media_stage import validate_media

batched = compose(
    prepare_batch,
    submit_batch,
    fetch_batch,
    ingest_batch,
    name="batched",
    doc="Turn words into meanings by a batch; until it is answered this fails, and resume goes on.",
)

checked_cards = compose(
    validate_ipa(on_problem="drop"),
    make_cards,
    validate_data(on_problem="drop"),
    name="checked cards",
    doc="Make a card of every meaning that can be learnt; the others are dropped by name.",
)

sync = compose(
    sync_templates,
    sync_media,
    sync_cards,
    name="sync",
    doc="Put note types, media and notes into a deck.",
)

vocabulary = compose(
    analyze_words,
    checked_cards,
    generate_media,
    validate_media,
    sync,
    name="vocabulary",
    doc="Turn words into a deck: meanings, cards, pictures, sounds, checks, and the sync.",
)

conjugation = compose(
    make_conjugation_cards,
    generate_audio,
    sync,
    name="conjugation",
    doc="Turn verb forms into a deck: cards, sounds, and the sync.",
)
