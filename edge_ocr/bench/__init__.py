"""`edge-ocr bench`: how well and how fast this board reads, and what the board was doing meanwhile."""
