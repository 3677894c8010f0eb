"""The parts of the check whether cards are whole and right."""
