"""How well the model ranks and how well its estimates match what happened."""
