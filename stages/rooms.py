"""Every stage, maker, key and record that `stages` offers beside its kernel."""

from stages import pipelines
from stages.base.api_stage import Work, api_stage
from stages.base.file_stage import load_file, save_file
from stages.base.validation_stage import validation_stage
from stages.cards.conjugation_stage import make_conjugation_cards
from stages.cards.vocabulary_stage import make_cards
from stages.claude.analysis_stage import analyze_words
from stages.claude.batch_stage import prepare_batch
from stages.claude.ingestion_stage import ingest_batch
from stages.claude.submission_stage import (
    cancel_batch,
    check_batch,
    fetch_batch,
    submit_batch,
)
from stages.media.audio_stage import generate_audio
from stages.media.image_stage import generate_images
from stages.media.media_stage import generate_media
from stages.media.plan_stage import plan_media
from stages.records.analysis import Analysis
from stages.records.batch import Batch
from stages.records.brief import Brief
from stages.records.card import Card
from stages.records.conjugation import Conjugation, Conjugations
from stages.records.job import Job, JobOutcome, JobResult, JobState
from stages.records.keys import (
    BATCH,
    CARDS,
    CONJUGATIONS,
    IMAGES,
    MEANINGS,
    MEDIA_PLAN,
    QUEUE,
    REFERENCES,
    SOUNDS,
    SYNC,
    VOCABULARY,
    WORDS,
)
from stages.records.meaning import Meaning
from stages.records.media import Credit, MediaFile
from stages.records.note import Note, NoteType, Template
from stages.records.plan import MediaPlan, Offer, Plan
from stages.records.provenance import Provenance
from stages.records.queue import Queue
from stages.records.schema import Rule, Schema
from stages.records.sync import SyncRecord
from stages.records.usage import Usage
from stages.records.verdict import IpaVerdict, Reference
from stages.records.vocabulary import Vocabulary
from stages.sync.card_stage import sync_cards
from stages.sync.media_sync_stage import sync_media
from stages.sync.template_stage import sync_templates
from stages.validation.data_stage import validate_data
from stages.validation.ipa_stage import validate_ipa
from stages.validation.media_stage import validate_media
from stages.validation.reference_stage import look_up_references

__all__ = [
    "BATCH",
    "CARDS",
    "CONJUGATIONS",
    "IMAGES",
    "MEANINGS",
    "MEDIA_PLAN",
    "QUEUE",
    "REFERENCES",
    "SOUNDS",
    "SYNC",
    "VOCABULARY",
    "WORDS",
    "Analysis",
    "Batch",
    "Brief",
    "Card",
    "Conjugation",
    "Conjugations",
    "Credit",
    "IpaVerdict",
    "Job",
    "JobOutcome",
    "JobResult",
    "JobState",
    "Meaning",
    "MediaFile",
    "MediaPlan",
    "Note",
    "NoteType",
    "Offer",
    "Plan",
    "Provenance",
    "Queue",
    "Reference",
    "Rule",
    "Schema",
    "SyncRecord",
    "Template",
    "Usage",
    "Vocabulary",
    "Work",
    "analyze_words",
    "api_stage",
    "cancel_batch",
    "check_batch",
    "fetch_batch",
    "generate_audio",
    "generate_images",
    "generate_media",
    "ingest_batch",
    "load_file",
    "look_up_references",
    "make_cards",
    "make_conjugation_cards",
    "pipelines",
    "plan_media",
    "prepare_batch",
    "save_file",
    "submit_batch",
    "sync_cards",
    "sync_media",
    "sync_templates",
    "validate_data",
    "validate_ipa",
    "validate_media",
    "validation_stage",
]
