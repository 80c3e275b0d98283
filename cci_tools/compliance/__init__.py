"""Source compliance: where a document comes from, what kind of source that is, and whether its date is wanted."""
