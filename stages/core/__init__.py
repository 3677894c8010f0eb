"""What a stage is: context, outcome, stage, registry, composition, running."""
