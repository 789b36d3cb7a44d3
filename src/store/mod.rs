//! What is kept on disk: rebuildable, and never trusted for a delete.
