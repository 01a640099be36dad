"""Village agents: who may act for a grower, under which recorded consent, and what was done in the grower's name."""
