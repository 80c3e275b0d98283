"""What a run tells its reader: the dataset card."""
