"""Measurements that are ratios: ours beside somebody else's, one after the other, on the same server."""
