"""Story: order only. Prefect flows, the one task that applies a stage to a shard, and the command line."""
