"""What the policy says about audits: pure functions, one sentence each."""
