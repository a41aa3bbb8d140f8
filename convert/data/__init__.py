"""Official files -> arrays, and arrays read back."""
