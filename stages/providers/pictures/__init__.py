"""Pictures made on this machine: emoji, and stand-ins where nothing better is there."""
