"""What the light bulb offers: the catalogue of actions, as data. Offers cost nothing and touch no network."""
