"""Strokes, scans and fonts -> worn tiles, strips, photographed pages and films."""
