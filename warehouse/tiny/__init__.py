"""The embedded models: one archive that is shipped with winnow, and the folder of a home that it is unpacked to."""
