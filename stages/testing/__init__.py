"""
What users test their own stages with: laws, strategies, and providers that live in memory.

>>> from stages import make_cards
>>> from stages.testing import check_stage
>>> check_stage(make_cards, examples=5)
"""

from stages.testing.providers import (
    MemoryAnalysis,
    MemoryAnki,
    MemoryAudio,
    MemoryBatches,
    MemoryFiles,
    MemoryImages,
    MemoryMedia,
    MemoryReferences,
    made_up,
)

try:
    from stages.testing.laws import check_stage
    from stages.testing.strategies import (
        AWKWARD,
        SAMPLE_MEDIA,
        contexts_for,
        frozen_json,
        texts,
        values_for,
        values_of,
    )
except ModuleNotFoundError as error:
    if error.name != "hypothesis":
        raise
    raise ImportError(
        'stages.testing needs hypothesis: pip install "fluent-stages[test]"', name="hypothesis"
    ) from None

__all__ = [
    "AWKWARD",
    "SAMPLE_MEDIA",
    "MemoryAnalysis",
    "MemoryAnki",
    "MemoryAudio",
    "MemoryBatches",
    "MemoryFiles",
    "MemoryImages",
    "MemoryMedia",
    "MemoryReferences",
    "check_stage",
    "contexts_for",
    "frozen_json",
    "made_up",
    "texts",
    "values_for",
    "values_of",
]
