//! The fleet as tables, JSON and CSV for pipes.
