"""What a rule is and what it answers: pure, without stores."""
