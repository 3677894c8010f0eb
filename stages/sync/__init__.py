"""Decks to Anki."""
