"""What a person may type about indicators."""
