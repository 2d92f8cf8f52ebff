"""What stands behind the ports MelodyModel and DrumsModel."""
