"""A Keras model -> an int8 bundle, and what it loses."""
