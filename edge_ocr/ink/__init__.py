"""Frame -> Ink: pen separated from paper, at the size that its letters need."""
