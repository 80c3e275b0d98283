"""What is asked of a finished corpus: where a document came from, what an officer checks, what must be taken out."""
