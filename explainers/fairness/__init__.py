"""Are groups treated differently? Rates, ratios and tests over protected groups, with what they cannot tell."""
