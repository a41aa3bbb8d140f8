"""Ink -> text lines in reading order, and the one preprocessing of tiles and strips."""
