"""Meanings to cards."""
