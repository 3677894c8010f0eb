"""What a stage may ask the outside world for, and the adapters that answer."""
