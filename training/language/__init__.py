"""Language models as reward models and policies: TRL's trainers, run in a process of their own."""
