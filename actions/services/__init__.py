"""What happens to actions: one verb, one transaction."""
