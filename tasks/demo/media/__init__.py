"""Pictures, clips and sentences that are generated, so that what they show and say is known exactly."""
