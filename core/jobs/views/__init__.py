"""The pages of jobs and of imports."""
