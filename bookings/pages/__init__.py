"""Web pages of the guest's floor: a home with its reviews, trips, a booking and its payment."""
