"""edge-ocr beside other readers, and its own live loop, measured."""
