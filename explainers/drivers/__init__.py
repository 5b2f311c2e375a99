"""What drives a model's decisions: families and signals over many applications."""
