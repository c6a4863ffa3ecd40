"""What the policy says about actions: pure functions, one sentence each."""
