"""What an exploration found, as values, as text for a terminal, and as one HTML file."""
