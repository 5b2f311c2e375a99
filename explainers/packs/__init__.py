"""Packs: pins, sessions and walkthroughs as documents that can be handed over and checked later."""
