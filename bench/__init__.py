"""Measuring the product beside bare programs of our own, as ratios in one run."""
