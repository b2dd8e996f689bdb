"""Schools, companies and regions."""
