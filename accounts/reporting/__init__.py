"""What the pages of storms show, read in a few bounded queries, and handed to the charts as plain values."""
