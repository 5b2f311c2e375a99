"""What pages share: cache, state, frame and widgets."""
