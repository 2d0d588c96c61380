"""What only the work on this project uses: pictures and checks. No process imports it."""
