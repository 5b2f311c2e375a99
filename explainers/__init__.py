"""Pure computation, its charts and its words; also the builder of snapshots."""
