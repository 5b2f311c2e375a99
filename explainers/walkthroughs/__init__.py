"""Walkthroughs: a fixed order of steps, each a claim with live figures, how they come about and where they are kept."""
