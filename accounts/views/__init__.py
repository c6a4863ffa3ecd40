"""The pages of people, of the structure they work in, and of signing in."""
