"""A tiny Whisper of openai-whisper, trained from nothing on generated speech."""
