"""The keys of the vocabulary pipeline."""

from stages.core.frozen import FrozenMap
from stages.core.key import Key
from stages.records.batch import Batch
from stages.records.card import Card
from stages.records.conjugation import Conjugations
from stages.records.meaning import Meaning
from stages.records.media import MediaFile
from stages.records.plan import MediaPlan
from stages.records.queue import Queue
from stages.records.sync import SyncRecord
from stages.records.verdict import Reference
from stages.records.vocabulary import Vocabulary

WORDS = Key("words", tuple[str, ...], "the words to learn, in order")
VOCABULARY = Key("vocabulary", Vocabulary, "what was learnt so far, and the words to skip")
QUEUE = Key("queue", Queue, "the words that are still to do, in the file a person keeps")
BATCH = Key("batch", Batch, "words that wait for meanings, and those filled in so far")
MEANINGS = Key("meanings", tuple[Meaning, ...], "the distinct meanings of the words")
REFERENCES = Key(
    "references", FrozenMap[str, tuple[Reference, ...]], "how words are spoken, by who knows it"
)
CONJUGATIONS = Key("conjugations", Conjugations, "verb forms to learn, in the file they lie in")
CARDS = Key("cards", tuple[Card, ...], "one card for each meaning")
MEDIA_PLAN = Key("media_plan", MediaPlan, "the media that are wanted: there, or to be made")
IMAGES = Key("images", FrozenMap[str, MediaFile], "pictures, by card id")
SOUNDS = Key("sounds", FrozenMap[str, MediaFile], "what is spoken, by its text")
SYNC = Key("sync", SyncRecord, "what the sync would do, or did")
