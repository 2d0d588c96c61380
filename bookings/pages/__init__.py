"""Web pages of bookings: a home with its reviews, trips, a booking and its payment."""
