"""One application over time: what each snapshot and model version said of it."""
