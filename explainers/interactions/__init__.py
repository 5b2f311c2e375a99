"""Which signals, or for partners which families of signals, work together."""
