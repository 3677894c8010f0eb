"""Voices that speak a word: offline engines, and how their sound is encoded."""
