"""Claude: meanings live, and in Message Batches; the vendor's SDK is imported when one is built."""

from stages.providers.claude.analysis import ClaudeAnalysis
from stages.providers.claude.batches import ClaudeBatches

__all__ = ["ClaudeAnalysis", "ClaudeBatches"]
