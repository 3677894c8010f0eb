"""
Small pure stages, and pipelines of them that turn a word list into an Anki deck worth studying.

A stage is a decorated pure function from an immutable `Context` to an `Outcome`. Stages compose with
`pipe` and `compose`; what they ask of the world comes in by providers, whose adapters stand in
`stages.providers`.
"""

from returns.result import Failure, Result, Success

from stages import pipelines
from stages.base.api_stage import Work, api_stage
from stages.base.file_stage import load_file, save_file
from stages.base.validation_stage import validation_stage
from stages.cards.vocabulary_stage import make_cards
from stages.claude.analysis_stage import analyze_words
from stages.claude.batch_stage import prepare_batch
from stages.claude.ingestion_stage import ingest_batch
from stages.core.context import Context
from stages.core.frozen import FrozenMap
from stages.core.key import Key
from stages.core.law import LawBroken, law_mode
from stages.core.mapping import Gathered, Mapper, each, executor, serial, threads
from stages.core.observe import LogObserver, Observer
from stages.core.outcome import Outcome, Report, StageFailure, Status
from stages.core.pipeline import Pipeline, compose, pipe, resume, run, run_many, strict
from stages.core.problem import Problem, ProviderError, Severity
from stages.core.registry import StageInfo, get_stage, list_stages, stage_info
from stages.core.stage import Stage, WiringError, stage
from stages.media.audio_stage import generate_audio
from stages.media.image_stage import generate_images
from stages.media.media_stage import generate_media
from stages.records.batch import Batch
from stages.records.card import Card
from stages.records.keys import BATCH, CARDS, IMAGES, MEANINGS, SOUNDS, SYNC, VOCABULARY, WORDS
from stages.records.meaning import Meaning
from stages.records.media import Credit, MediaFile
from stages.records.note import Note, NoteType, Template
from stages.records.sync import SyncRecord
from stages.records.vocabulary import Vocabulary
from stages.sync.card_stage import sync_cards
from stages.sync.media_sync_stage import sync_media
from stages.sync.template_stage import sync_templates
from stages.validation.data_stage import validate_data
from stages.validation.ipa_stage import validate_ipa
from stages.validation.media_stage import validate_media

__all__ = [
    "BATCH",
    "CARDS",
    "IMAGES",
    "MEANINGS",
    "SOUNDS",
    "SYNC",
    "VOCABULARY",
    "WORDS",
    "Batch",
    "Card",
    "Context",
    "Credit",
    "Failure",
    "FrozenMap",
    "Gathered",
    "Key",
    "LawBroken",
    "LogObserver",
    "Mapper",
    "Meaning",
    "MediaFile",
    "Note",
    "NoteType",
    "Observer",
    "Outcome",
    "Pipeline",
    "Problem",
    "ProviderError",
    "Report",
    "Result",
    "Severity",
    "Stage",
    "StageFailure",
    "StageInfo",
    "Status",
    "Success",
    "SyncRecord",
    "Template",
    "Vocabulary",
    "WiringError",
    "Work",
    "analyze_words",
    "api_stage",
    "compose",
    "each",
    "executor",
    "generate_audio",
    "generate_images",
    "generate_media",
    "get_stage",
    "ingest_batch",
    "law_mode",
    "list_stages",
    "load_file",
    "make_cards",
    "pipe",
    "pipelines",
    "prepare_batch",
    "resume",
    "run",
    "run_many",
    "save_file",
    "serial",
    "stage",
    "stage_info",
    "strict",
    "sync_cards",
    "sync_media",
    "sync_templates",
    "threads",
    "validate_data",
    "validate_ipa",
    "validate_media",
    "validation_stage",
]
