"""How one signal, or for partners one family of signals, moves the estimate."""
