"""Bad input: one row each. It ends in a sentence that says what to do, and the bank is as it was."""
