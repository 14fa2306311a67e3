"""Decontaminate: prompts that stand in the benchmarks a model will be judged by."""
