"""A bundled model tuned to one's own hand."""
