"""Measurements, side by side in one run and as ratios; never part of a test's verdict."""
