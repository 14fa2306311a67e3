"""A run: its work order, its steps, their order, and what is checked before anything is published. No Prefect."""
