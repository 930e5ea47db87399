"""A sample project: races that people reported of real Django projects, in our own words, each with its repair."""
