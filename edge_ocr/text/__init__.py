"""Network outputs -> text: alphabets, patterns, language, searches."""
