"""A bundled model tuned to your own hand."""
