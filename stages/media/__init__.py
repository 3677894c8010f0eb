"""Pictures and sounds."""
