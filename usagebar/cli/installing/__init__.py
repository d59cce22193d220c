"""What putting a status line into a settings file needs: its text, its file, and the command to write there."""
