"""
Small pure stages, and pipelines of them that turn a word list into an Anki deck worth studying.

A stage is a decorated pure function from an immutable `Context` to an `Outcome`. Stages compose with
`pipe` and `compose`; what they ask of the world comes in by providers, whose adapters stand in
`stages.providers`.
"""

from typing import TYPE_CHECKING, Any

from returns.result import Failure, Result, Success

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

if TYPE_CHECKING:
    from stages.rooms import *


def __getattr__(name: str) -> Any:
    """Import the stages, keys and records when the first of them is wanted."""
    if name not in __all__:
        raise AttributeError(f"module 'stages' has no attribute {name!r}")
    from stages import rooms

    return getattr(rooms, name)


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
    "Context",
    "Credit",
    "Failure",
    "FrozenMap",
    "Gathered",
    "IpaVerdict",
    "Job",
    "JobOutcome",
    "JobResult",
    "JobState",
    "Key",
    "LawBroken",
    "LogObserver",
    "Mapper",
    "Meaning",
    "MediaFile",
    "MediaPlan",
    "Note",
    "NoteType",
    "Observer",
    "Offer",
    "Outcome",
    "Pipeline",
    "Plan",
    "Problem",
    "Provenance",
    "ProviderError",
    "Queue",
    "Reference",
    "Report",
    "Result",
    "Rule",
    "Schema",
    "Severity",
    "Stage",
    "StageFailure",
    "StageInfo",
    "Status",
    "Success",
    "SyncRecord",
    "Template",
    "Usage",
    "Vocabulary",
    "WiringError",
    "Work",
    "analyze_words",
    "api_stage",
    "cancel_batch",
    "check_batch",
    "compose",
    "each",
    "executor",
    "fetch_batch",
    "generate_audio",
    "generate_images",
    "generate_media",
    "get_stage",
    "ingest_batch",
    "law_mode",
    "list_stages",
    "load_file",
    "look_up_references",
    "make_cards",
    "make_conjugation_cards",
    "pipe",
    "pipelines",
    "plan_media",
    "prepare_batch",
    "resume",
    "run",
    "run_many",
    "save_file",
    "serial",
    "stage",
    "stage_info",
    "strict",
    "submit_batch",
    "sync_cards",
    "sync_media",
    "sync_templates",
    "threads",
    "validate_data",
    "validate_ipa",
    "validate_media",
    "validation_stage",
]
