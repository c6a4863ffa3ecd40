"""What happens to audits: one verb a function, one transaction each."""
