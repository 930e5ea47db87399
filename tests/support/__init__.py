"""What test modules share. A test module imports from here, and never from another test module or a conftest."""
