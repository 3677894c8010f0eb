"""Checks that a learner can trust."""
