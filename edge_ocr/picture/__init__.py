"""Files and frames in, overlays out."""
