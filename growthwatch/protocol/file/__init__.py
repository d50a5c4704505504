"""What a protocol file may say: values, settings, and no number without a source."""
