"""Measurements of edge-ocr beside other readers, and of its live loop."""
