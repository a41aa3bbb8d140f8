"""Many pictures: which, where their texts go, and who reads them - this process, several, or a cluster."""
