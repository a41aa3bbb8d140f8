"""What the networks see -> text: alphabets, patterns, language, searches."""
