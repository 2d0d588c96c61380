"""The demo's homes and their pictures, drawn by the program itself."""
