"""Words to meanings, and staged batches."""
