"""Is a transcription what the word sounds like?"""

from stages.validation.ipa.judging import judge

__all__ = ["judge"]
