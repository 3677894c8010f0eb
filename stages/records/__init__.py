"""The nouns of a deck and their pure rules."""
