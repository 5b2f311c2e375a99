"""Slices: parts of the applications where two groups differ, chosen by a person or found and confirmed."""
