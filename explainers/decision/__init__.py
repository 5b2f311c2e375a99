"""One application: what was decided, what moved the estimate, and how sure that explanation is."""
