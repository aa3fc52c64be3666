"""The counter's computer: drives its scanner, and keeps each page until the portal has it."""
