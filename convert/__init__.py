"""The workstation's half: data -> Keras model -> int8 TFLite bundle. It may import edge_ocr, never the other way."""
