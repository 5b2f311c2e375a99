"""The smallest allowed changes that bring an estimate to the passing side of its cut-off."""
