"""Bundles, and the one seam to LiteRT, tflite-runtime, TensorFlow and Keras."""
