"""Alternatives: models that may differ less between groups and rank about as well. None is picked."""
