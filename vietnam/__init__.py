"""What both the portal and the scanner must know of the country: pure, imports nobody."""
