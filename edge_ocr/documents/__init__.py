"""Pages out, as hOCR, ALTO, PAGE XML, a table or a searchable PDF; documents of several pictures in."""
