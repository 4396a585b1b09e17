"""scene.yaml: models, checks and the reader."""
