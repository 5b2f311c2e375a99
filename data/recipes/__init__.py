"""Recipes that turn public data somebody downloaded into what a snapshot is built from."""
