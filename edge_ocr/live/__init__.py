"""A camera's pictures -> steady texts: capture, scene, vote, loop."""
