"""Reasons: how often each is given."""
