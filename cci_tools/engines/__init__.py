"""Engines: where the tasks of a run are carried out. Data travels through files, never through an engine."""
