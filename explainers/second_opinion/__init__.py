"""A second opinion on one application: LIME beside the exact contributions, never instead of them."""
