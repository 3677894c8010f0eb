"""Makers: functions that turn a plain function into a stage."""
