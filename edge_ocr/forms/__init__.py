"""Forms: what stands in which field of a printed form, read from photographs of filled copies."""
