"""Where given-out texts go, besides stdout: a file, a folder of recordings, other programs."""
