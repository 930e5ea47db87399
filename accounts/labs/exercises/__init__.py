"""The thirteen exercises, a folder each. To add one, copy its nearest neighbour."""
