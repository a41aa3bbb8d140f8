"""Made pictures for the finder: writing on sheets, sheets in scenes, and labels of where the writing is."""
