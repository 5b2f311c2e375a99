"""What a model is, in one screen."""
